using Cluster.Decoding;
using Cluster.Serving.Local;
using Cluster.Serving.Resuming;
using Cluster.Serving.Routing;

namespace Cluster.Serving.Tests.Resuming;

public class SequenceRunTests
{
    private static readonly ResumeOptions Options = new()
    {
        ReplicaWaitMax = TimeSpan.FromMilliseconds(100),
        SilenceMin = TimeSpan.FromMilliseconds(150),
        FirstDeltaSilenceMax = TimeSpan.FromMilliseconds(300),
    };

    private sealed class Observer : IResumeObserver
    {
        public List<(string Replica, SequenceErrorKind Reason)> HandedOver { get; } = [];

        public int PoisonRefused { get; private set; }

        public TimeSpan Delayed { get; private set; }

        public int Resumed { get; private set; }

        public void OnResumed(string modelId, TimeSpan gap) => Resumed += gap >= TimeSpan.Zero ? 1 : 0;

        public void OnHandedOver(in HandOver handOver) => HandedOver.Add((handOver.ReplicaId, handOver.Reason));

        public List<string> Breaches { get; } = [];

        public void OnBreach(string invariant) => Breaches.Add(invariant);

        public void OnRetryDelayed(TimeSpan delay) => Delayed += delay;

        public void OnPoisonRefused(string requestId, int choice) => PoisonRefused++;
    }

    private static async Task<(List<SequenceDelta> Deltas, Observer Observer)> RunAsync(ResumeOptions options, params IReplica[] replicas)
    {
        var observer = new Observer();
        await using var cluster = new LocalCluster(replicas);
        var run = new SequenceRun(
            "m", new ReplicaRouter(cluster, new ReplicaBreakers(new BreakerOptions(), TimeProvider.System)), new ResumePacing(options, TimeProvider.System), TimeProvider.System, observer);
        var journal = new SequenceJournal { RequestId = "r", PromptTokens = [1, 2], Sampling = new SamplingOptions(), TokensMax = 10 };
        var deltas = new List<SequenceDelta>();
        await foreach (SequenceDelta delta in run.RunAsync(journal, CancellationToken.None)) deltas.Add(delta);
        return (deltas, observer);
    }

    private static void AssertWhole(List<SequenceDelta> deltas, int tokens = 10)
    {
        Assert.Equal(Enumerable.Range(0, tokens).Select(FaultyReplica.TokenAt), deltas.SelectMany(delta => delta.Tokens));
        int position = 0;
        foreach (SequenceDelta delta in deltas)
        {
            Assert.Equal(position, delta.Position);
            position += delta.Tokens.Length;
        }
        Assert.Equal(FinishReason.Stop, deltas[^1].Finish);
        Assert.All(deltas[..^1], delta => Assert.Null(delta.Finish));
    }

    public static TheoryData<string, int> FaultsAndPlaces()
    {
        var data = new TheoryData<string, int>();
        foreach (Fault fault in Enum.GetValues<Fault>())
        {
            foreach (int place in new[] { 0, 1, 5, 9 }) data.Add(fault.ToString(), place);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(FaultsAndPlaces))]
    public async Task Run_OneFaultyReplica_GoesOnAtTheExactNextToken(string fault, int place)
    {
        var faulty = new FaultyReplica("m/0", Enum.Parse<Fault>(fault), place);
        var healthy = new FaultyReplica("m/1", Fault.None, 0);
        (List<SequenceDelta> deltas, _) = await RunAsync(Options, faulty, healthy);
        AssertWhole(deltas);
        Assert.All(healthy.Journals, journal => Assert.Equal(Enumerable.Range(0, journal.EmittedTokens.Length).Select(FaultyReplica.TokenAt), journal.EmittedTokens));
    }

    [Fact]
    public async Task Run_EveryReplicaFaultyMidway_StillEndsWhole()
    {
        (List<SequenceDelta> deltas, Observer observer) = await RunAsync(Options, new FaultyReplica("m/0", Fault.Throws, 4), new FaultyReplica("m/1", Fault.EndsEarly, 4));
        AssertWhole(deltas);
        Assert.NotEmpty(observer.HandedOver);
        Assert.Equal(observer.HandedOver.Count, observer.Resumed);
    }

    [Theory]
    [InlineData("SkipsAPosition", "stream_position")]
    [InlineData("RepeatsOtherTokens", "stream_repeated_token")]
    [InlineData("RepeatsTokens", null)]
    [InlineData("Throws", null)]
    public async Task Run_StreamThatBreaksAnInvariant_IsCounted_AndTheCallerSeesNothingOfIt(string fault, string? invariant)
    {
        (List<SequenceDelta> deltas, Observer observer) = await RunAsync(Options, new FaultyReplica("m/0", Enum.Parse<Fault>(fault), 5));
        AssertWhole(deltas);
        Assert.All(observer.Breaches, one => Assert.Equal(invariant, one));
        Assert.Equal(invariant is not null, observer.Breaches.Count > 0);
        Assert.All(observer.Breaches, one => Assert.Contains(one, StreamInvariants.Names));
    }

    [Fact]
    public async Task Run_SilentReplica_IsLeftAndCancelled()
    {
        var silent = new FaultyReplica("m/0", Fault.FallsSilent, 3);
        (List<SequenceDelta> deltas, Observer observer) = await RunAsync(Options, silent);
        Assert.Equal(FinishReason.Stop, deltas[^1].Finish);
        Assert.Contains(observer.HandedOver, one => one.Reason == SequenceErrorKind.ReplicaLost);
        Assert.Equal(silent.Journals.Count, silent.Left);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Run_RequestThatKillsWhatRunsIt_IsRefusedAfterItsLossesAndATrial(int lossesMax)
    {
        FaultyReplica[] replicas = [.. Enumerable.Range(0, 5).Select(n => new FaultyReplica($"m/{n}", Fault.Throws, 0))];
        (List<SequenceDelta> deltas, Observer observer) = await RunAsync(Options with { LossesMax = lossesMax }, replicas);
        Assert.Equal(FinishReason.Failed, deltas.Single().Finish);
        Assert.Equal(1, observer.PoisonRefused);
        Assert.Equal(lossesMax + 1, observer.HandedOver.Count);
        Assert.Equal(lossesMax + 1, replicas.Sum(replica => replica.Journals.Count));
    }

    [Fact]
    public async Task Run_TwoReplicasLostAtOneToken_GoesOnIfTheThirdLives()
    {
        FaultyReplica[] dying = [new FaultyReplica("m/0", Fault.ThrowsAtThree, 0), new FaultyReplica("m/1", Fault.ThrowsAtThree, 0)];
        (List<SequenceDelta> deltas, Observer observer) = await RunAsync(Options with { LossesMax = 2 }, [.. dying, new FaultyReplica("m/2", Fault.None, 0)]);
        AssertWhole(deltas);
        Assert.Equal(0, observer.PoisonRefused);
    }

    [Fact]
    public async Task Run_ReplicasThatDieBeforeItHasASlot_AreNotItsFault()
    {
        var dying = Enumerable.Range(0, 3).Select(n => new FaultyReplica($"m/{n}", Fault.DiesWhileItWaits, 0)).ToArray();
        (List<SequenceDelta> deltas, Observer observer) = await RunAsync(Options with { LossesMax = 2 }, [.. dying, new FaultyReplica("m/3", Fault.None, 0)]);
        AssertWhole(deltas);
        Assert.Equal(0, observer.PoisonRefused);
    }

    [Fact]
    public async Task Run_KillsAtALaterToken_IsRefusedAfterItsTrial()
    {
        // The first dies after three tokens, the others where the first did: it is the sequence.
        FaultyReplica[] replicas = [.. Enumerable.Range(0, 4).Select(n => new FaultyReplica($"m/{n}", Fault.ThrowsAtThree, 0))];
        (List<SequenceDelta> deltas, Observer observer) = await RunAsync(Options with { LossesMax = 2 }, replicas);
        Assert.Equal(FinishReason.Failed, deltas[^1].Finish);
        Assert.Equal(1, observer.PoisonRefused);
        Assert.Equal(3, replicas.Sum(replica => replica.Journals.Count));
    }

    [Fact]
    public async Task Run_ReplicasThatFallSilentAtTheSameToken_MayBeSlow_SoItIsNotRefused()
    {
        var hanging = Enumerable.Range(0, 3).Select(n => new FaultyReplica($"m/{n}", Fault.HangsAtThree, 0)).ToArray();
        (List<SequenceDelta> deltas, Observer observer) = await RunAsync(Options with { LossesMax = 2 }, [.. hanging, new FaultyReplica("m/3", Fault.None, 0)]);
        AssertWhole(deltas);
        Assert.Equal(0, observer.PoisonRefused);
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(2, true)]
    public async Task Run_RetriesPastTheBudget_AreDelayed(int burst, bool isDelayed)
    {
        (List<SequenceDelta> deltas, Observer observer) = await RunAsync(
            Options with { AttemptsMax = 20, RetriesBurst = burst, RetriesPerSecond = 20 }, new FaultyReplica("m/0", Fault.Throws, 2), new FaultyReplica("m/1", Fault.Throws, 2));
        AssertWhole(deltas);
        Assert.Equal(4, observer.HandedOver.Count);
        Assert.Equal(isDelayed, observer.Delayed > TimeSpan.Zero);
    }

    [Fact]
    public async Task Run_DrainingReplica_IsLeftAtAWholeDeltaWhileItStillRuns()
    {
        var draining = new FaultyReplica("m/0", Fault.SaysItDrains, 3);
        (List<SequenceDelta> deltas, Observer observer) = await RunAsync(Options, draining, new FaultyReplica("m/1", Fault.None, 0));
        AssertWhole(deltas);
        if (draining.Journals.Count > 0) Assert.Equal([("m/0", SequenceErrorKind.Draining)], observer.HandedOver);
    }

    [Fact]
    public async Task Run_DrainingReplicaAndNoOther_RunsToItsEnd()
    {
        (List<SequenceDelta> deltas, Observer observer) = await RunAsync(Options, new FaultyReplica("m/0", Fault.SaysItDrains, 3));
        AssertWhole(deltas);
        Assert.Empty(observer.HandedOver);
    }

    [Fact]
    public async Task Run_AllReplicasFull_IsRefusedWithoutWaiting()
    {
        (List<SequenceDelta> deltas, _) = await RunAsync(Options, new FaultyReplica("m/0", Fault.Refuses, 0), new FaultyReplica("m/1", Fault.Refuses, 0));
        Assert.Equal(SequenceErrorKind.Overloaded, deltas.Single().Error!.Kind);
    }

    [Fact]
    public async Task Run_NoReplica_WaitsItsBoundAndFails()
    {
        (List<SequenceDelta> deltas, _) = await RunAsync(Options);
        Assert.Equal(SequenceErrorKind.ReplicaLost, deltas.Single().Error!.Kind);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Run_AttemptsMax_BoundsTheRuns(int attemptsMax)
    {
        // One token an attempt: progress each time, so only the number of attempts ends it.
        var replica = new FaultyReplica("m/0", Fault.Throws, 1);
        (List<SequenceDelta> deltas, _) = await RunAsync(Options with { AttemptsMax = attemptsMax }, replica);
        Assert.Equal(attemptsMax, replica.Journals.Count);
        Assert.Equal(FinishReason.Failed, deltas[^1].Finish);
        Assert.Equal(attemptsMax, deltas.Sum(delta => delta.Tokens.Length));
    }
}
