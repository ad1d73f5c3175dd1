using System.Runtime.CompilerServices;
using Cluster.Decoding;
using Cluster.Serving.Local;
using Cluster.Serving.Routing;
using Cluster.Testing;

namespace Cluster.Serving.Tests.Local;

/// <summary>Models and replicas that change while requests run.</summary>
public class LocalFleetTests
{
    private static readonly LocalFleetOptions Options = new() { ReplicasMax = 4, QuietMin = TimeSpan.FromMilliseconds(50), RetireMax = TimeSpan.FromMinutes(5) };

    /// <summary>Gives one token and waits to be told to end; closing it is noted.</summary>
    private sealed class Waiting(string id, string modelId, string fingerprint) : IReplica, IAsyncDisposable
    {
        public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsClosed { get; private set; }

        public string Id => id;

        public string ModelId => modelId;

        public ReplicaSnapshot Snapshot => new() { Id = id, ModelId = modelId, Health = ReplicaHealth.Ready, Fingerprint = fingerprint, SlotsMax = 1 };

        public async IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return new SequenceDelta { RequestId = journal.RequestId, Tokens = [1], Position = 0 };
            await End.Task.WaitAsync(cancellationToken);
            yield return new SequenceDelta { RequestId = journal.RequestId, Tokens = [2], Position = 1, Finish = FinishReason.Stop };
        }

        public ValueTask DisposeAsync()
        {
            IsClosed = true;
            return ValueTask.CompletedTask;
        }
    }

    private readonly List<Waiting> _opened = [];
    private readonly ModelCatalogue _catalogue = new([]);
    private readonly ModelUse _use = new();

    private LocalFleet Fleet(LocalFleetOptions? options = null) => new(_catalogue, _use, options ?? Options, TimeProvider.System);

    private LocalModel Model(string id = "m", string fingerprint = "1", int replicas = 1, string? fault = null, string device = "cpu") => new(
        new ServedModel { Id = id, Tokenizer = null!, Template = null!, ContextLength = 8, Fingerprint = fingerprint }, device, replicas, (fingerprint, device), (replicaId, _) =>
        {
            if (fault is not null) throw new InvalidOperationException(fault);
            var replica = new Waiting(replicaId, id, fingerprint);
            lock (_opened) _opened.Add(replica);
            return Task.FromResult<IReplica>(replica);
        });

    private static SequenceJournal Journal(string fingerprint = "1")
        => new() { RequestId = "r", PromptTokens = [1], Sampling = new SamplingOptions(), TokensMax = 2, Fingerprint = fingerprint };

    private static IReplica? Pick(LocalFleet fleet, string fingerprint, string modelId = "m")
        => new ReplicaRouter(fleet, new ReplicaBreakers(new BreakerOptions(), TimeProvider.System)).Pick(modelId, Journal(fingerprint), new HashSet<string>());

    /// <summary>A stream that has begun; the result counts its tokens when it has ended.</summary>
    private static async Task<Task<int>> BeginAsync(IReplica replica, string fingerprint)
    {
        IAsyncEnumerator<SequenceDelta> stream = replica.GenerateAsync(Journal(fingerprint), CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        return RestAsync();

        async Task<int> RestAsync()
        {
            int tokens = 1;
            while (await stream.MoveNextAsync()) tokens += stream.Current.Error is null ? stream.Current.Tokens.Length : 0;
            return tokens;
        }
    }

    private static Task UntilAsync(Func<bool> condition) => Eventually.HoldsAsync(condition, withinMs: 30_000);

    [Fact]
    public async Task Apply_AModelAnew_NewRequestsGoToTheNewVersion_AndTheOldOneEndsWhatItHas()
    {
        await using LocalFleet fleet = Fleet();
        Assert.Empty(await fleet.ApplyAsync([Model()], CancellationToken.None));
        IReplica old = Pick(fleet, "1")!;
        using ModelUse.Request queued = _use.Begin("m", "1");
        Task<int> rest = await BeginAsync(old, "1");

        Assert.Empty(await fleet.ApplyAsync([Model(fingerprint: "2")], CancellationToken.None));
        Assert.Equal("2", _catalogue.Find("m")!.Fingerprint);
        Assert.NotEqual(old.Id, Pick(fleet, "2")!.Id);
        Assert.Equal(old.Id, Pick(fleet, "1")!.Id); // One that was queued under the old version still finds it.
        await Task.Delay(Options.QuietMin * 4);
        Assert.False(_opened[0].IsClosed);

        _opened[0].End.SetResult();
        Assert.Equal(2, await rest);
        Assert.False(_opened[0].IsClosed);
        queued.Dispose();
        await UntilAsync(() => _opened[0].IsClosed && fleet.Retiring == 0);
        Assert.Single(fleet.All);
        Assert.Equal(0, fleet.CutStreams);
    }

    [Fact]
    public async Task Apply_ANewVersionThatCannotBeLoaded_LeavesTheOldOneInForce()
    {
        await using LocalFleet fleet = Fleet();
        await fleet.ApplyAsync([Model(), Model("other")], CancellationToken.None);
        IReadOnlyList<string> faults = await fleet.ApplyAsync([Model(fingerprint: "2", fault: "no memory"), Model("other", "9")], CancellationToken.None);
        Assert.Contains("no memory", Assert.Single(faults), StringComparison.Ordinal);
        Assert.Equal("1", _catalogue.Find("m")!.Fingerprint);
        Assert.Equal("9", _catalogue.Find("other")!.Fingerprint);
        Assert.NotNull(Pick(fleet, "1"));
        Assert.True(fleet.Runs(("1", "cpu"), "m"));
        Assert.False(fleet.Runs(("2", "cpu"), "m"));
        Assert.False(_opened.First(replica => replica.ModelId == "m").IsClosed);
    }

    [Fact]
    public async Task Apply_AnotherList_AddsAndRemoves_AndWhatIsRemovedEndsItsRequests()
    {
        await using LocalFleet fleet = Fleet();
        await fleet.ApplyAsync([Model("a"), Model("b", fault: "gone")], CancellationToken.None);
        Assert.Equal(["a", "b"], _catalogue.Models.Select(model => model.Id));
        Assert.Equal(ModelCondition.Failed, ModelState.Of(_catalogue.Find("b")!, fleet).Condition);
        Assert.Equal("gone", ModelState.Of(_catalogue.Find("b")!, fleet).Problem);
        Task<int> rest = await BeginAsync(Pick(fleet, "1", "a")!, "1");
        await fleet.ApplyAsync([Model("c")], CancellationToken.None);
        Assert.Equal(["c"], _catalogue.Models.Select(model => model.Id));
        _opened[0].End.SetResult();
        Assert.Equal(2, await rest);
        await UntilAsync(() => fleet.All.Select(replica => replica.ModelId).SequenceEqual(["c"]));
    }

    [Fact]
    public async Task Apply_OtherSlotsOfTheSameModel_MovesAtOnceAndServesUnderItsOldFingerprint()
    {
        await using LocalFleet fleet = Fleet();
        await fleet.ApplyAsync([Model()], CancellationToken.None);
        Task<int> rest = await BeginAsync(Pick(fleet, "1")!, "1");
        await fleet.ApplyAsync([Model(device: "cuda:0")], CancellationToken.None);
        await UntilAsync(() => fleet.All.Any(replica => replica.Snapshot.Health == ReplicaHealth.Draining)); // Its edge moves the stream.
        Assert.Equal("cuda:0", Pick(fleet, "1")!.Snapshot.Device);
        _opened[0].End.SetResult();
        Assert.Equal(2, await rest);
        await UntilAsync(() => _opened[0].IsClosed);
    }

    [Fact]
    public async Task Retire_PastItsBound_CutsWhatIsLeftAndCountsIt()
    {
        await using LocalFleet fleet = Fleet(Options with { RetireMax = TimeSpan.FromMilliseconds(100) });
        await fleet.ApplyAsync([Model()], CancellationToken.None);
        Task<int> rest = await BeginAsync(Pick(fleet, "1")!, "1");
        await fleet.ApplyAsync([Model(fingerprint: "2")], CancellationToken.None);
        Assert.Equal(1, await rest);
        await UntilAsync(() => fleet.Retiring == 0);
        Assert.Equal(1, fleet.CutStreams);
    }

    [Fact]
    public async Task Scale_UpDownAndToNothing_AndPastTheBound()
    {
        await using LocalFleet fleet = Fleet();
        await fleet.ApplyAsync([Model(replicas: 2)], CancellationToken.None);
        await fleet.ScaleAsync("m", 4, CancellationToken.None);
        await UntilAsync(() => fleet.All.Count(replica => replica.Snapshot.Health == ReplicaHealth.Ready) == 4);
        ClusterControlException past = await Assert.ThrowsAsync<ClusterControlException>(() => fleet.ScaleAsync("m", 5, CancellationToken.None));
        Assert.Contains("Cluster:Local:ReplicasMax", past.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ClusterControlException>(() => fleet.ScaleAsync("m", -1, CancellationToken.None));
        await Assert.ThrowsAsync<ClusterControlException>(() => fleet.ScaleAsync("none", 1, CancellationToken.None));
        await fleet.ScaleAsync("m", 1, CancellationToken.None);
        await UntilAsync(() => fleet.All.Count == 1);
        await fleet.ScaleAsync("m", 0, CancellationToken.None);
        await UntilAsync(() => fleet.All.Count == 0);
        Assert.Equal(ModelCondition.Unloaded, ModelState.Of(_catalogue.Find("m")!, fleet).Condition);
        await fleet.ScaleAsync("m", 1, CancellationToken.None);
        await UntilAsync(() => Pick(fleet, "1") is not null);

        // What an administrator scaled stays until the catalogue says another number.
        await fleet.ScaleAsync("m", 3, CancellationToken.None);
        await fleet.ApplyAsync([Model(replicas: 2)], CancellationToken.None);
        await UntilAsync(() => fleet.All.Count == 3);
        await fleet.ApplyAsync([Model(replicas: 1)], CancellationToken.None);
        await UntilAsync(() => fleet.All.Count == 1);
    }

    [Fact]
    public async Task Replace_OpensAnotherBeforeTheOldOneGoes()
    {
        await using LocalFleet fleet = Fleet();
        await fleet.ApplyAsync([Model()], CancellationToken.None);
        string old = fleet.All[0].Id;
        await fleet.ReplaceAsync(old, CancellationToken.None);
        await UntilAsync(() => fleet.All.Count == 1 && fleet.All[0].Id != old && _opened[0].IsClosed);
        await Assert.ThrowsAsync<ClusterControlException>(() => fleet.ReplaceAsync(old, CancellationToken.None));
    }

    [Fact]
    public async Task Drain_TakesNothingNew_UntilItIsResumed()
    {
        await using LocalFleet fleet = Fleet();
        await fleet.ApplyAsync([Model()], CancellationToken.None);
        Task<int> rest = await BeginAsync(Pick(fleet, "1")!, "1");
        await fleet.DrainAsync(LocalFleet.Silo, CancellationToken.None);
        Assert.Null(Pick(fleet, "1"));
        Assert.True((await fleet.GetSilosAsync(CancellationToken.None))[0].IsDrained);
        await fleet.ScaleAsync("m", 2, CancellationToken.None);
        await UntilAsync(() => _opened.Count == 2);
        Assert.Null(Pick(fleet, "1"));
        _opened[0].End.SetResult();
        Assert.Equal(2, await rest);
        await fleet.ResumeAsync(LocalFleet.Silo, CancellationToken.None);
        Assert.NotNull(Pick(fleet, "1"));
        await Assert.ThrowsAsync<ClusterControlException>(() => fleet.DrainAsync("elsewhere", CancellationToken.None));
    }
}
