using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Decoding;
using Cluster.Decoding.Models;
using Cluster.Grammar;
using Cluster.OpenAI.Access;
using Cluster.Serving;
using Cluster.Serving.Admission;
using Cluster.Serving.Generation;
using Cluster.Serving.Local;
using Cluster.Serving.Resuming;
using Cluster.Serving.Routing;
using Cluster.Testing;
using Cluster.Tokenization;
using Cluster.Tokenization.Templates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cluster.OpenAI.Tests.Support;

/// <summary>The endpoint on a loopback port of this process, over replicas that tests script.</summary>
public sealed class EdgeServer : IAsyncDisposable
{
    public const string Plain = "{%- for m in messages -%}<{{ m.role }}>{{ m.content }}{%- endfor -%}<assistant>";

    private const int DepthMax = 1024;
    private static readonly JsonSerializerOptions Deep = new() { MaxDepth = DepthMax };
    private readonly WebApplication _app;

    private EdgeServer(WebApplication app, SayingReplica[] replicas) => (_app, Replicas) = (app, replicas);

    public IReadOnlyList<SayingReplica> Replicas { get; }

    /// <summary>The first one.</summary>
    public SayingReplica Replica => Replicas[0];

    public HttpClient Client { get; private set; } = null!;

    public IServiceProvider Services => _app.Services;

    public static string Template(string family) => family == "plain" ? Plain : File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "templates", $"{family}.jinja"));

    /// <param name="template">Of the one model, whose name is <c>m</c>.</param>
    /// <param name="isRandom">A model of noise over a real engine instead of one that says what it is told.</param>
    /// <param name="configure">Changes the options.</param>
    /// <param name="contextLength">In tokens.</param>
    /// <param name="replicas">How many say what they are told.</param>
    public static async Task<EdgeServer> StartAsync(string template = Plain, bool isRandom = false, Action<OpenAIOptions>? configure = null, int contextLength = 4096, int replicas = 1)
    {
        var tokenizer = new FakeTokenizer();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var options = new OpenAIOptions();
        configure?.Invoke(options);
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = options.BodyBytesMax);
        IServiceCollection services = builder.Services;
        services.AddRoutingCore();
        services.AddMetrics();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(Microsoft.Extensions.Options.Options.Create(options));
        services.AddSingleton(new ShutdownSignal(CancellationToken.None, TimeSpan.Zero, TimeProvider.System));
        services.AddSingleton(new ApiKeyRing([]));
        services.AddSingleton(new AnonymousPolicy(false));
        services.AddSingleton(new AllowedOrigins(""));
        services.AddSingleton(new InternalPort(null));
        services.AddSingleton(new GrammarCache(new GrammarCacheOptions()));
        services.AddSingleton<ISchemaCompiler, LocalSchemaCompiler>();
        services.AddSingleton(new StructuredOutputOptions(new GrammarOptions()));
        services.AddSingleton(new DocumentCheck(new DocumentCheckOptions()));
        services.AddSingleton(new ResumeOptions { AttemptsMax = 2, ReplicaWaitMax = TimeSpan.FromSeconds(1), SilenceMin = TimeSpan.FromMinutes(2) });
        services.AddSingleton<ResumePacing>();
        services.AddSingleton<IResumeObserver, NoObserver>();
        services.AddSingleton(new BreakerOptions());
        services.AddSingleton<ReplicaBreakers>();
        services.AddSingleton<ReplicaRouter>();
        services.AddSingleton(new FairQueueOptions { WaitingMax = 4, SequencesAhead = 0 });
        services.AddSingleton<FairAdmission>();
        services.AddSingleton<RequestPipeline>();
        services.AddSingleton<IModelCatalogue>(new ModelCatalogue([new ServedModel
        {
            Id = "m", Tokenizer = tokenizer, Fingerprint = "test", ContextLength = contextLength, Created = 1_700_000_000,
            Template = new ChatTemplate(template, new Dictionary<string, string> { ["bos_token"] = "<s>", ["eos_token"] = "<end>" }, TimeProvider.System),
        }]));
        services.AddSingleton(new PrefixAffinity(new AffinityOptions()));
        services.AddSingleton<SayingReplica[]>(provider => [.. Enumerable.Range(0, replicas).Select(n => new SayingReplica("m", n, tokenizer, provider.GetRequiredService<ISchemaCompiler>()))]);
        services.AddSingleton<IReplicaDirectory>(provider => new LocalCluster(isRandom
            ? [new LocalReplica("m/0", "m", "cpu", NoiseEngine(tokenizer, contextLength), provider.GetRequiredService<ISchemaCompiler>())]
            : provider.GetRequiredService<SayingReplica[]>()));
        services.AddOpenAIEndpoints();
        WebApplication app = builder.Build();
        app.UseOpenAIErrors();
        app.UseAccess();
        app.MapOpenAIEndpoints();
        await app.StartAsync();
        var server = new EdgeServer(app, app.Services.GetRequiredService<SayingReplica[]>())
        {
            Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(5) },
        };
        return server;
    }

    private static Engine NoiseEngine(ITokenizer tokenizer, int contextLength)
    {
        var model = new FakeModel(FakeModel.SmallInfo(tokenizer.Vocabulary.Size, slots: 8, contextLength: contextLength) with { Capabilities = new() { LogitsAtEveryToken = true } }, Scripts.Noise(7, 1f));
        return new Engine(model, tokenizer, new EngineOptions { Fingerprint = "test" }, TimeProvider.System);
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

    public Task<HttpResponseMessage> PostAsync(string path, string body)
        => Client.PostAsync(new Uri(path, UriKind.Relative), new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")));

    /// <summary>Posts and expects 200.</summary>
    public async Task<JsonElement> PostJsonAsync(string path, string body)
    {
        HttpResponseMessage response = await PostAsync(path, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<JsonElement>(text, Deep);
    }

    public async Task<JsonElement> GetJsonAsync(string path) => JsonSerializer.Deserialize<JsonElement>(await Client.GetStringAsync(new Uri(path, UriKind.Relative)));

    /// <summary>Posts with <c>stream</c> and gives the events' names (empty where they have none) and data.</summary>
    public async Task<List<(string Name, JsonElement Data)>> StreamAsync(string path, string body)
    {
        JsonObject streamed = JsonNode.Parse(body, documentOptions: new JsonDocumentOptions { MaxDepth = DepthMax })!.AsObject();
        streamed["stream"] = true;
        HttpResponseMessage response = await PostAsync(path, streamed.ToJsonString(Deep));
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var events = new List<(string, JsonElement)>();
        foreach (string one in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] lines = one.Split('\n');
            string name = lines[0].StartsWith("event: ", StringComparison.Ordinal) ? lines[0]["event: ".Length..] : "";
            string data = lines[^1]["data: ".Length..];
            events.Add((name, data == "[DONE]" ? JsonSerializer.SerializeToElement("[DONE]") : JsonSerializer.Deserialize<JsonElement>(data, Deep)));
        }
        return events;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
