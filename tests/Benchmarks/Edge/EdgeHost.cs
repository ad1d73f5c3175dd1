using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.OpenAI;
using Cluster.OpenAI.Access;
using Cluster.Serving;
using Cluster.Serving.Admission;
using Cluster.Serving.Generation;
using Cluster.Serving.Local;
using Cluster.Serving.Resuming;
using Cluster.Serving.Routing;
using Cluster.Tokenization.Templates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Benchmarks.Edge;

/// <summary>The whole edge over a fixed-rate replica, and beside it the least that Kestrel can do: <c>/raw</c> writes each number as it comes.</summary>
internal static class EdgeHost
{
    public const string Model = "fixed-rate";

    public static async Task<WebApplication> StartAsync(Pump pump, ConcurrentDictionary<int, Pump.Feed> feeds)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        IServiceCollection services = builder.Services;
        services.AddRoutingCore();
        services.AddSingleton(Microsoft.Extensions.Options.Options.Create(new OpenAIOptions()));
        services.AddSingleton(new ShutdownSignal(CancellationToken.None, TimeSpan.Zero, TimeProvider.System));
        services.AddSingleton(new ApiKeyRing([]));
        services.AddSingleton(new AnonymousPolicy(false));
        services.AddSingleton(new AllowedOrigins(""));
        services.AddSingleton(new InternalPort(null));
        services.AddSingleton(new StructuredOutputOptions(new GrammarOptions()));
        var catalogue = new ModelCatalogue([new ServedModel
        {
            Id = Model, Tokenizer = new NumberTokenizer(), Fingerprint = "edge", ContextLength = 1 << 20,
            Template = new ChatTemplate("x", new Dictionary<string, string>(), TimeProvider.System),
        }]);
        AddServing(services, catalogue, new LocalCluster([new FixedRateReplica(Model, pump, feeds)]), hasQueue: true);
        services.AddOpenAIEndpoints();
        WebApplication app = builder.Build();
        app.UseOpenAIErrors();
        app.UseAccess();
        app.MapOpenAIEndpoints();
        app.MapPost("/raw", (RequestDelegate)(http => RawAsync(http, pump, feeds))).WithAccess(EndpointAccess.Key);
        await app.StartAsync();
        return app;
    }

    /// <summary>Everything below HTTP.</summary>
    public static void AddServing(IServiceCollection services, IModelCatalogue catalogue, IReplicaDirectory replicas, bool hasQueue)
    {
        services.AddMetrics();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(catalogue);
        services.AddSingleton(replicas);
        services.AddSingleton(new GrammarCache(new GrammarCacheOptions()));
        services.AddSingleton<ISchemaCompiler, LocalSchemaCompiler>();
        services.AddSingleton(new DocumentCheck(new DocumentCheckOptions()));
        services.AddSingleton(new ResumeOptions());
        services.AddSingleton<ResumePacing>();
        services.AddSingleton<IResumeObserver, NoObserver>();
        services.AddSingleton(new BreakerOptions());
        services.AddSingleton<ReplicaBreakers>();
        services.AddSingleton<ReplicaRouter>();
        if (hasQueue) services.AddSingleton(new FairQueueOptions()).AddSingleton<FairAdmission>();
        services.AddSingleton<RequestPipeline>();
    }

    private static async Task RawAsync(HttpContext http, Pump pump, ConcurrentDictionary<int, Pump.Feed> feeds)
    {
        Pump.Feed feed = pump.Add(int.Parse(http.Request.Query["seed"]!, CultureInfo.InvariantCulture), int.Parse(http.Request.Query["tokens"]!, CultureInfo.InvariantCulture));
        feeds[feed.Stream] = feed;
        http.Response.ContentType = "text/event-stream";
        await foreach (int number in feed.Numbers.Reader.ReadAllAsync(http.RequestAborted).ConfigureAwait(false))
        {
            await http.Response.BodyWriter.WriteAsync(Encoding.UTF8.GetBytes($"data: {{\"choices\":[{{\"delta\":{{\"content\":\"{number:0000}\"}}}}]}}\n\n"), http.RequestAborted).ConfigureAwait(false);
        }
    }

    private sealed class NoObserver : IResumeObserver
    {
        public void OnHandedOver(in HandOver handOver)
        {
        }

        public void OnRetryDelayed(TimeSpan delay)
        {
        }

        public void OnPoisonRefused(string requestId, int choice)
        {
        }
    }
}
