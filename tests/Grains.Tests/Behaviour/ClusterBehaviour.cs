using System.Text;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Serving;
using Cluster.Serving.Generation;
using Cluster.Serving.Local;
using Cluster.Serving.Resuming;
using Cluster.Serving.Routing;

namespace Cluster.Grains.Tests.Behaviour;

/// <summary>A cluster that runs <see cref="EngineReplicas"/>, whatever it is made of: two replicas at first, a few slots each.</summary>
public interface IClusterUnderTest
{
    public const string ModelId = "scripted";

    public const int Replicas = 2;

    public const int Slots = 4;

    public const int StepMs = 4;

    /// <summary>As an edge sees the replicas.</summary>
    IReplicaDirectory Directory { get; }

    /// <summary>As an edge compiles schemas.</summary>
    ISchemaCompiler Compiler { get; }

    /// <summary>Another replica takes this one's place; its sequences move.</summary>
    Task ReplaceAsync(string replicaId);

    Task ScaleAsync(int replicas);
}

/// <summary>What requests may expect of a cluster; the same over one process and over silos. Each test leaves the cluster as it found it.</summary>
public abstract class ClusterBehaviour(IClusterUnderTest cluster)
{
    private const string Schema =
        """{"type":"object","properties":{"name":{"type":"string","maxLength":40},"tags":{"type":"array","items":{"enum":["red","green"]},"minItems":6,"maxItems":9}},"required":["name","tags"],"additionalProperties":false}""";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(90);

    private readonly HandOvers _handOvers = new();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Request_HasTheTextsOfOneEngineAlone(int choices)
    {
        await ReadyAsync();
        GenerationRequest request = Requests.Of(IClusterUnderTest.ModelId, $"alone-{choices}", seed: 42, tokens: 80, choices);
        var texts = await Requests.TextsAsync(Pipeline(), request);
        Assert.Equal(await AloneAsync(request), texts);
        Assert.Equal(choices, texts.Distinct().Count());
    }

    [Fact]
    public async Task Requests_MoreThanThereAreSlots_AllEnd()
    {
        await ReadyAsync();
        GenerationRequest[] requests = [.. Enumerable.Range(0, 5 * IClusterUnderTest.Replicas * IClusterUnderTest.Slots).Select(n =>
            Requests.Of(IClusterUnderTest.ModelId, $"many-{n}", (ulong)n, tokens: 5 + (n % 7)))];
        var texts = await Task.WhenAll(requests.Select(request => Requests.TextsAsync(Pipeline(), request))).WaitAsync(Soon);
        for (int n = 0; n < requests.Length; n++) Assert.EndsWith($"[Length {5 + (n % 7)}]", texts[n][0]);
    }

    [Fact]
    public async Task ConstrainedRequest_EndsWithADocumentOfItsSchema_TheSameAsAlone()
    {
        await ReadyAsync();
        GenerationRequest request = Constrained("document", 3);
        string text = (await Requests.TextsAsync(Pipeline(), request))[0];
        Assert.Equal((await AloneAsync(request))[0], text);
        AssertValid(text);
    }

    [Fact]
    public async Task Request_WithLogprobs_HasOneForEachToken()
    {
        await ReadyAsync();
        GenerationRequest request = Requests.Of(IClusterUnderTest.ModelId, "logprobs", seed: 5, tokens: 30);
        int tokens = 0;
        await Requests.TextsAsync(Pipeline(), request with { Sampling = request.Sampling with { TopLogprobs = 2 } }, one =>
        {
            if (one is TextGenerated { Logprobs.IsDefault: false } text) tokens += text.Logprobs.Length;
        });
        Assert.Equal(30, tokens);
    }

    [Fact]
    public async Task Request_WithAStopString_EndsBeforeIt()
    {
        await ReadyAsync();
        GenerationRequest request = Requests.Of(IClusterUnderTest.ModelId, "stop", seed: 9, tokens: 60);
        string whole = (await Requests.TextsAsync(Pipeline(), request))[0];
        string stop = whole[12..15];
        string cut = (await Requests.TextsAsync(Pipeline(), request with { StopStrings = [stop] }))[0];
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], cut[..cut.LastIndexOf('[')]);
    }

    [Fact]
    public async Task Client_LeavesMidStream_ItsSlotIsFree()
    {
        await ReadyAsync();
        var prepared = (await Pipeline().PrepareAsync(Requests.Of(IClusterUnderTest.ModelId, "leaves", seed: 1, tokens: 1500), CancellationToken.None)).Prepared!;
        using var leaving = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (GenerationEvent _ in Pipeline().RunAsync(prepared, leaving.Token)) await leaving.CancelAsync();
        });
        await UntilAsync(() => cluster.Directory.All.Sum(replica => replica.Snapshot.RunningSequences + replica.Snapshot.WaitingSequences) == 0);
    }

    [Fact]
    public async Task Replica_IsReplaced_StreamsGoOnAtTheExactNextToken()
    {
        await ReadyAsync();
        GenerationRequest[] requests = [.. Enumerable.Range(0, 6).Select(n => n % 2 == 0
            ? Requests.Of(IClusterUnderTest.ModelId, $"moved-{n}", (ulong)n, tokens: 600) : Constrained($"moved-{n}", (ulong)n))];
        int pieces = 0;
        var texts = await Task.WhenAll(requests.Select(request => Requests.TextsAsync(Pipeline(), request, _ =>
        {
            if (Interlocked.Increment(ref pieces) == 60) foreach (IReplica replica in cluster.Directory.All) cluster.ReplaceAsync(replica.Id);
        }))).WaitAsync(Soon);
        for (int n = 0; n < requests.Length; n++) Assert.Equal((await AloneAsync(requests[n]))[0], texts[n][0]);
        Assert.Contains(SequenceErrorKind.Draining, _handOvers.Reasons);
    }

    [Fact]
    public async Task Model_ScaledToNothing_RequestsFailInTime_AndScaledUpAgain_AreServed()
    {
        await ReadyAsync();
        await cluster.ScaleAsync(0);
        await UntilAsync(() => Ready() == 0);
        var prepared = (await Pipeline().PrepareAsync(Requests.Of(IClusterUnderTest.ModelId, "nobody", seed: 1, tokens: 5), CancellationToken.None)).Prepared!;
        var events = new List<GenerationEvent>();
        await foreach (GenerationEvent one in Pipeline(TimeSpan.FromMilliseconds(300)).RunAsync(prepared, CancellationToken.None)) events.Add(one);
        Assert.Equal(GenerationErrorKind.NoReplica, Assert.IsType<GenerationFailed>(Assert.Single(events)).Error.Kind);

        // Whoever comes while there is none waits for the first that is ready.
        Task<System.Collections.Immutable.ImmutableArray<string>> waiting = Requests.TextsAsync(Pipeline(Soon), Requests.Of(IClusterUnderTest.ModelId, "early", seed: 1, tokens: 5));
        await cluster.ScaleAsync(IClusterUnderTest.Replicas);
        Assert.EndsWith("[Length 5]", (await waiting.WaitAsync(Soon))[0]);
    }

    [Fact]
    public async Task Request_PreparedForAnotherVersionOfTheModel_IsNotServedByThisOne()
    {
        await ReadyAsync();
        var prepared = (await Pipeline().PrepareAsync(Requests.Of(IClusterUnderTest.ModelId, "old", seed: 1, tokens: 5), CancellationToken.None)).Prepared!;
        var old = prepared with { Model = EngineReplicas.Served(IClusterUnderTest.ModelId, "fake-0") };
        var events = new List<GenerationEvent>();
        await foreach (GenerationEvent one in Pipeline(TimeSpan.FromMilliseconds(300)).RunAsync(old, CancellationToken.None)) events.Add(one);
        Assert.IsType<GenerationFailed>(Assert.Single(events));
    }

    private static GenerationRequest Constrained(string id, ulong seed) => Requests.Of(IClusterUnderTest.ModelId, id, seed, tokens: 300) with
    {
        Grammar = new GrammarSpec(GrammarKind.JsonSchema, Schema, new GrammarOptions()), IsStrict = true,
    };

    private static void AssertValid(string text)
    {
        Assert.True(Cluster.Grammar.Validation.SchemaValidator.TryCreate(Encoding.UTF8.GetBytes(Schema), new Cluster.Grammar.Validation.ValidatorOptions(), out var validator, out _));
        byte[] document = Encoding.UTF8.GetBytes(text[..text.LastIndexOf('[')]);
        Assert.Equal(Cluster.Grammar.Validation.ValidationOutcome.Valid, validator!.Validate(document).Outcome);
    }

    /// <summary>The same request on one engine that serves nobody else.</summary>
    private static async Task<System.Collections.Immutable.ImmutableArray<string>> AloneAsync(GenerationRequest request)
    {
        var compiler = new LocalSchemaCompiler(new GrammarCache(new GrammarCacheOptions()));
        await using var alone = new LocalCluster([new EngineReplicas(IClusterUnderTest.ModelId, TimeSpan.Zero, TimeSpan.Zero, compiler).Open("alone/0", "cpu")]);
        return await Requests.TextsAsync(PipelineOver(alone, compiler, new HandOvers(), Soon), request);
    }

    private RequestPipeline Pipeline(TimeSpan? replicaWaitMax = null) => PipelineOver(cluster.Directory, cluster.Compiler, _handOvers, replicaWaitMax ?? Soon);

    private static RequestPipeline PipelineOver(IReplicaDirectory directory, ISchemaCompiler compiler, IResumeObserver observer, TimeSpan replicaWaitMax) => new(
        new ModelCatalogue([EngineReplicas.Served(IClusterUnderTest.ModelId)]), compiler,
        new ReplicaRouter(directory, new ReplicaBreakers(new BreakerOptions(), TimeProvider.System)), new DocumentCheck(new DocumentCheckOptions()),
        new ResumePacing(new ResumeOptions { SilenceMin = TimeSpan.FromSeconds(30), ReplicaWaitMax = replicaWaitMax, AttemptsMax = 20 }, TimeProvider.System), TimeProvider.System, observer);

    private int Ready() => cluster.Directory.ReplicasOf(IClusterUnderTest.ModelId).Count(replica => replica.Snapshot.Health == ReplicaHealth.Ready);

    private Task ReadyAsync() => UntilAsync(() => Ready() == IClusterUnderTest.Replicas);

    private async Task UntilAsync(Func<bool> condition)
    {
        for (long began = Environment.TickCount64; !condition(); await Task.Delay(20))
            Assert.True(Environment.TickCount64 - began < Soon.TotalMilliseconds, string.Join(", ", cluster.Directory.All.Select(replica => replica.Snapshot)));
    }

    private sealed class HandOvers : IResumeObserver
    {
        public System.Collections.Concurrent.ConcurrentQueue<SequenceErrorKind> Reasons { get; } = new();

        public void OnHandedOver(in HandOver handOver) => Reasons.Enqueue(handOver.Reason);

        public void OnRetryDelayed(TimeSpan delay) { }

        public void OnPoisonRefused(string requestId, int choice) { }
    }
}
