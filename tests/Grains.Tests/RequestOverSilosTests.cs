using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Cluster.Serving.Generation;
using Cluster.Serving.Local;
using Cluster.Serving.Resuming;
using Cluster.Serving.Routing;

namespace Cluster.Grains.Tests;

/// <summary>The same requests through the same pipeline, over a cluster in one process and over silos: the texts are equal.</summary>
public sealed class RequestOverSilosTests
{
    private static readonly FleetOptions Fleet = ClusterFixture.Patient with { Replicas = 2 };

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Request_OverEdgeAndReplicaSilos_GivesTheTextOfTheLocalCluster(int choices)
    {
        var request = Requests.Of(ClusterFixture.ModelId, "r", seed: 42, tokens: 200, choices);
        await using var local = Local();
        await using var fixture = await ClusterFixture.StartAsync(2, Fleet with { Replicas = 1 }, engineStepMs: 0);
        await fixture.ReplicasAsync(r => r.Any(x => x.Snapshot.Health == ReplicaHealth.Ready));

        var expected = await Requests.TextsAsync(Pipeline(local), request);
        var actual = await Requests.TextsAsync(Pipeline(fixture.Routes), request);

        Assert.Equal(expected, actual);
        Assert.All(actual, text => Assert.EndsWith("[Length 200]", text));
        Assert.Equal(choices, actual.Distinct().Count());
    }

    [Fact]
    public async Task Request_ItsReplicaIsReplacedMidStream_GoesOnAtTheExactNextToken()
    {
        var request = Requests.Of(ClusterFixture.ModelId, "r", seed: 7, tokens: 300);
        await using var local = Local();
        string expected = (await Requests.TextsAsync(Pipeline(local), request))[0];
        await using var fixture = await ClusterFixture.StartAsync(3, Fleet, engineStepMs: 20);
        await fixture.ReplicasAsync(r => r.Count(x => x.Snapshot.Health == ReplicaHealth.Ready) == 2);
        var handOvers = new HandOvers();

        int pieces = 0;
        string actual = (await Requests.TextsAsync(Pipeline(fixture.Routes, handOvers), request, _ =>
        {
            if (++pieces == 50) foreach (var replica in fixture.Routes.Replicas) fixture.Model.ReplaceAsync(replica.Id).Ignore();
        }))[0];

        Assert.Equal(expected, actual);
        Assert.Contains(SequenceErrorKind.Draining, handOvers.Reasons);
        Assert.Equal(0, fixture.DoubleOwners());
    }

    [Fact]
    public async Task Requests_ASiloDies_AllEndWithTheTextOfAnUndisturbedRun()
    {
        await using var local = Local();
        await using var fixture = await ClusterFixture.StartAsync(3, Fleet with { StaleMs = 3_000, PulseLostMs = 2_000, PulseLostMaxMs = 10_000 }, engineStepMs: 10);
        await fixture.ReplicasAsync(r => r.Count(x => x.Snapshot.Health == ReplicaHealth.Ready) == 2);
        var handOvers = new HandOvers();
        var requests = Enumerable.Range(0, 16).Select(n => Requests.Of(ClusterFixture.ModelId, $"r{n}", (ulong)n, tokens: 300)).ToList();

        var running = requests.Select(request => Requests.TextsAsync(Pipeline(fixture.Routes, handOvers), request)).ToList();
        await Task.Delay(300);
        await fixture.Cluster.KillSiloAsync(fixture.Cluster.Silos[1]);
        var actual = await Task.WhenAll(running);

        var expected = await Task.WhenAll(requests.Select(request => Requests.TextsAsync(Pipeline(local), request)));
        Assert.Equal(expected.Select(texts => texts[0]), actual.Select(texts => texts[0]));
        Assert.NotEmpty(handOvers.Reasons);
    }

    [Fact]
    public async Task ConstrainedRequests_BothReplicasAreReplaced_EndWithTheDocumentOfAnUndisturbedRun()
    {
        const string schema = """{"type":"object","properties":{"name":{"type":"string","maxLength":60},"tags":{"type":"array","items":{"enum":["red","green"]},"minItems":12,"maxItems":20}},"required":["name","tags"],"additionalProperties":false}""";
        await using var local = Local();
        await using var fixture = await ClusterFixture.StartAsync(3, Fleet, engineStepMs: 5);
        await fixture.ReplicasAsync(r => r.Count(x => x.Snapshot.Health == ReplicaHealth.Ready) == 2);
        var handOvers = new HandOvers();
        var requests = Enumerable.Range(0, 8).Select(n => Requests.Of(ClusterFixture.ModelId, $"r{n}", (ulong)n, tokens: 400) with
        {
            Grammar = new GrammarSpec(GrammarKind.JsonSchema, schema, new GrammarOptions()), IsStrict = true,
        }).ToList();

        int pieces = 0;
        var actual = await Task.WhenAll(requests.Select(request => Requests.TextsAsync(Pipeline(fixture.Routes, handOvers), request, _ =>
        {
            if (Interlocked.Increment(ref pieces) == 60) foreach (var replica in fixture.Routes.Replicas) fixture.Model.ReplaceAsync(replica.Id).Ignore();
        })));

        var expected = await Task.WhenAll(requests.Select(request => Requests.TextsAsync(Pipeline(local), request)));
        Assert.Equal(expected.Select(texts => texts[0]), actual.Select(texts => texts[0]));
        Assert.Contains(SequenceErrorKind.Draining, handOvers.Reasons);
    }

    private static LocalCluster Local()
        => new([new EngineReplicas(ClusterFixture.ModelId, TimeSpan.Zero, TimeSpan.Zero, Compiler()).Open("local/0", "cpu")]);

    private static LocalSchemaCompiler Compiler() => new(new GrammarCache(new GrammarCacheOptions()));

    private static RequestPipeline Pipeline(IReplicaDirectory directory, IResumeObserver? observer = null) => new(
        new ModelCatalogue([EngineReplicas.Served(ClusterFixture.ModelId)]), Compiler(),
        new ReplicaRouter(directory, new ReplicaBreakers(new BreakerOptions(), TimeProvider.System)), new DocumentCheck(new DocumentCheckOptions()),
        new ResumePacing(new ResumeOptions { SilenceMin = TimeSpan.FromSeconds(1), ReplicaWaitMax = TimeSpan.FromMinutes(3) }, TimeProvider.System), TimeProvider.System, observer ?? new HandOvers());

    private sealed class HandOvers : IResumeObserver
    {
        public System.Collections.Concurrent.ConcurrentQueue<SequenceErrorKind> Reasons { get; } = new();

        public void OnHandedOver(in HandOver handOver) => Reasons.Enqueue(handOver.Reason);

        public void OnRetryDelayed(TimeSpan delay) { }

        public void OnPoisonRefused(string requestId, int choice) { }
    }
}
