using System.Diagnostics.Metrics;
using Cluster.Grammar;
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
    public static void AddServing(this IServiceCollection services, ClusterHostOptions options, IReadOnlyList<ModelConfig> models)
    {
        services.AddSingleton<IModelCatalogue>(provider => new ModelCatalogue(
            models.Select(model => ServedModelLoader.Load(model, provider.GetRequiredService<TimeProvider>()))));
        services.AddSingleton(new StructuredOutputOptions(new GrammarOptions()));
        services.AddSingleton(new GrammarCache(new GrammarCacheOptions { BytesMax = options.GrammarCacheBytesMax }));
        services.AddSingleton<ISchemaCompiler, LocalSchemaCompiler>();
        services.AddSingleton(provider => new DocumentCheck(new DocumentCheckOptions(), provider.GetRequiredService<IMeterFactory>()));
        services.AddSingleton(new ResumeOptions());
        services.AddSingleton<IResumeObserver, ResumeMetrics>();
        services.AddSingleton(new BreakerOptions());
        services.AddSingleton<ReplicaBreakers>();
        services.AddSingleton<ReplicaRouter>();
        services.AddSingleton<RequestPipeline>();
        services.AddSingleton<OnnxReplicaFactory>(provider => new OnnxReplicaFactory(
            models, provider.GetRequiredService<IModelCatalogue>(), provider.GetRequiredService<ISchemaCompiler>(), options, provider.GetRequiredService<TimeProvider>()));
    }
}
