using System.Diagnostics.Metrics;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Host.Telemetry;
using Cluster.OpenAI;
using Cluster.Serving;
using Cluster.Serving.Generation;
using Cluster.Serving.Local;
using Cluster.Serving.Resuming;
using Cluster.Serving.Routing;

namespace Cluster.Host.Models;

/// <summary>What both cluster modes share: catalogue, grammars, pipeline.</summary>
public static class ServingServices
{
    public static void AddServing(this WebApplicationBuilder builder, ClusterHostOptions options, IReadOnlyList<ModelConfig> models, IReadOnlyList<ServedModel> served)
    {
        IServiceCollection services = builder.Services;
        EngineOptions engine = Read<EngineOptions>("Engine") with { WaitingMax = options.WaitingMax };
        services.AddSingleton(new ModelCatalogue(served));
        services.AddSingleton<IModelCatalogue>(provider => provider.GetRequiredService<ModelCatalogue>());
        services.AddSingleton<ModelUse>();
        services.AddSingleton(new StructuredOutputOptions(Read<GrammarOptions>("Grammar") with { ReferenceSiblings = ReferenceSiblings.Enforced }));
        SharedAutomata.BytesMax = options.SharedAutomataBytesMax;
        services.AddSingleton(new GrammarCache(new GrammarCacheOptions { BytesMax = options.GrammarCacheBytesMax, GrammarBytesMax = options.GrammarBytesMax }));
        services.AddSingleton<SchemaStatistics>();
        services.AddSingleton<ISchemaCompiler, LocalSchemaCompiler>();
        services.AddSingleton(provider => new DocumentCheck(Read<DocumentCheckOptions>("Cluster:DocumentCheck"), provider.GetRequiredService<IMeterFactory>()));
        services.AddSingleton(Read<ResumeOptions>("Cluster:Resume"));
        services.AddSingleton<ResumePacing>();
        services.AddSingleton<IResumeObserver, ResumeMetrics>();
        services.AddSingleton(provider => new ServingMetrics(
            provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<IModelCatalogue>(), provider.GetRequiredService<IReplicaDirectory>(),
            provider.GetRequiredService<GrammarCache>(), provider.GetRequiredService<SchemaStatistics>(), options, provider.GetService<Serving.Fleet.ReplicaHost>()));
        services.AddSingleton(Read<BreakerOptions>("Cluster:Breaker"));
        services.AddSingleton<ReplicaBreakers>();
        services.AddSingleton(provider => new PrefixAffinity(Read<AffinityOptions>("Cluster:Affinity"), provider.GetRequiredService<IMeterFactory>()));
        services.AddSingleton<ReplicaRouter>();
        services.AddSingleton<RequestPipeline>();
        services.AddSingleton(provider => new OnnxReplicas(provider.GetRequiredService<ISchemaCompiler>(), engine,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Engine>>()));
        services.AddSingleton(new CatalogueEntries(models.Zip(served, static (config, model) => new CatalogueEntry(config, model))));
        services.AddSingleton<OnnxReplicaFactory>();

        T Read<T>(string section)
            where T : class, new()
            => HostSettings.Read<T>(builder.Configuration, section);
    }
}
