using System.Runtime.CompilerServices;
using Cluster.Decoding;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Cluster.Testing;

namespace Cluster.Serving.Tests.Fleet;

public sealed class RoutedReplicaTests
{
    private static readonly ReplicaSnapshot Ready = new() { Id = "m/0", ModelId = "m", Silo = "a", Health = ReplicaHealth.Ready };

    private static readonly SequenceJournal Journal = new() { RequestId = "r", PromptTokens = [1], TokensMax = 9, Sampling = new SamplingOptions() };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Generate_PulseLostMidStream_BreaksAtOnceThoughTheCallHangs(bool hasLinks)
    {
        var replica = NewReplica(hasLinks);
        await using var stream = replica.GenerateAsync(Journal, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        var next = stream.MoveNextAsync();

        replica.Lose();

        await Assert.ThrowsAsync<ReplicaLostException>(async () => await next);
        Assert.Equal(ReplicaHealth.Lost, replica.Snapshot.Health);
    }

    [Fact]
    public void Missed_OlderThanTheLastAnswer_IsOutweighed()
    {
        var replica = NewReplica();
        replica.Felt(Ready, sent: 10);
        replica.Missed(sent: 9, isSilent: false);
        Assert.Equal(ReplicaHealth.Ready, replica.Snapshot.Health);

        replica.Missed(sent: 11, isSilent: false);
        Assert.Equal(ReplicaHealth.Lost, replica.Snapshot.Health);

        replica.Felt(Ready, sent: 12);
        Assert.Equal(ReplicaHealth.Ready, replica.Snapshot.Health);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Missed_MidStream_SaysWhetherTheReplicaIsSilentOrGone(bool isSilent, bool hasLinks)
    {
        var replica = NewReplica(hasLinks);
        await using var stream = replica.GenerateAsync(Journal, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        var next = stream.MoveNextAsync();

        replica.Missed(sent: 1, isSilent);
        replica.Missed(sent: 2, !isSilent); // It was lost already.

        Assert.Equal(isSilent, (await Assert.ThrowsAsync<ReplicaLostException>(async () => await next)).IsSilent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Update_SameIdOnAnotherSilo_BreaksTheOldStreams(bool hasLinks)
    {
        var replica = NewReplica(hasLinks);
        await using var stream = replica.GenerateAsync(Journal, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        var next = stream.MoveNextAsync();

        replica.Update(Ready with { Silo = "b", HasLinks = hasLinks });

        await Assert.ThrowsAsync<ReplicaLostException>(async () => await next);
        Assert.Equal(ReplicaHealth.Ready, replica.Snapshot.Health);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Generate_CallerGoesAway_IsACancellationNotALoss(bool hasLinks)
    {
        using var leaving = new CancellationTokenSource();
        await using var stream = NewReplica(hasLinks).GenerateAsync(Journal, leaving.Token).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        var next = stream.MoveNextAsync();

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }

    [Fact]
    public void Update_PlannerHasNotHeardOfTheDeathYet_StaysLostUntilItsPulseIsFelt()
    {
        var replica = NewReplica();
        replica.Missed(sent: 1, isSilent: false);
        replica.Update(Ready with { OutstandingTokens = 3 });
        Assert.Equal(ReplicaHealth.Lost, replica.Snapshot.Health);
        replica.Felt(Ready, sent: 2);
        Assert.Equal(ReplicaHealth.Ready, replica.Snapshot.Health);
    }

    [Theory]
    [InlineData(10, 2_000)] // Quick answers: the plain bound.
    [InlineData(500, 3_000)] // Slow ones: a multiple of what is usual.
    [InlineData(60_000, 10_000)] // However slow: never longer than this.
    public void AnswerBound_FollowsTheUsualAnswerWithinItsLimits(int usualMs, int boundMs)
    {
        var replica = NewReplica();
        for (int n = 0; n < 200; n++) replica.Answered(TimeSpan.FromMilliseconds(usualMs));
        Assert.Equal(boundMs, replica.AnswerBound(new FleetOptions { PulseLostMs = 2_000, PulseLostFactor = 6, PulseLostMaxMs = 10_000 }).TotalMilliseconds, 1.0);
    }

    [Fact]
    public async Task Pulse_RefusedBeat_LosesTheReplicaAndTheNextAnswerRevivesIt()
    {
        var directory = new RoutedReplicaDirectory(ScriptedWire.None);
        directory.Apply(new RoutingTable("m", 1, 1, [Ready]));
        bool isGone = true;
        var pulse = new ReplicaPulse(
            directory, (_, _) => isGone ? Task.FromException<ReplicaSnapshot>(new IOException()) : Task.FromResult(Ready with { OutstandingTokens = 7 }),
            new FleetOptions { PulseMs = 20 }, TimeProvider.System);
        using var ending = new CancellationTokenSource();
        var running = pulse.RunAsync(ending.Token);

        await UntilAsync(() => directory.All[0].Snapshot.Health == ReplicaHealth.Lost);
        isGone = false;
        await UntilAsync(() => directory.All[0].Snapshot is { Health: ReplicaHealth.Ready, OutstandingTokens: 7 });
        await ending.CancelAsync();
        await running;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Generate_RefusedAsDraining_IsNotReadyUntilItSaysSo(bool hasLinks)
    {
        var directory = new RoutedReplicaDirectory(new ScriptedWire((_, journal, _) => RefuseAsync(journal)));
        directory.Apply(new RoutingTable("m", 1, 1, [Ready with { HasLinks = hasLinks }]));
        var replica = directory.Replicas.Single();

        await foreach (var delta in replica.GenerateAsync(Journal, CancellationToken.None)) Assert.NotNull(delta.Error);

        Assert.Equal(ReplicaHealth.Draining, replica.Snapshot.Health);
        replica.Felt(Ready, sent: 1);
        Assert.Equal(ReplicaHealth.Ready, replica.Snapshot.Health);

        static async IAsyncEnumerable<SequenceDelta> RefuseAsync(SequenceJournal journal)
        {
            await Task.Yield();
            yield return new SequenceDelta
            {
                RequestId = journal.RequestId, Finish = FinishReason.Failed, Error = new SequenceError(SequenceErrorKind.Draining, "bye"),
            };
        }
    }

    [Fact]
    public async Task Generate_ManySequences_ShareOneLinkAndAreEachWhole()
    {
        const int Sequences = 50, Tokens = 40;
        var wire = new ScriptedWire((_, journal, _) => CountAsync(journal, Tokens));
        RoutedReplica replica = NewReplica(wire);
        await Task.WhenAll(Enumerable.Range(0, Sequences).Select(async n =>
        {
            var journal = Journal with { RequestId = $"r{n}", EmittedTokens = [n], TokensMax = Tokens };
            List<SequenceDelta> deltas = await replica.GenerateAsync(journal, CancellationToken.None).ToListAsync();
            Assert.Equal(Enumerable.Range(n, Tokens), deltas.SelectMany(delta => delta.Tokens));
            Assert.All(deltas, delta => Assert.Equal($"r{n}", delta.RequestId));
        }));
        Assert.Equal(1, wire.Opened);
        Assert.Equal(0, wire.LinksOf("m/0").Undelivered);
    }

    [Fact]
    public async Task Generate_ReaderOfALinkLeaves_OnlyItsSequenceEnds()
    {
        var ended = new List<string>();
        RoutedReplica replica = NewReplica(new ScriptedWire((_, journal, cancellationToken) => HangAsync(journal, cancellationToken)));
        using var leaving = new CancellationTokenSource();
        await using var leaver = replica.GenerateAsync(Journal with { RequestId = "leaver" }, leaving.Token).GetAsyncEnumerator();
        await using var stayer = replica.GenerateAsync(Journal with { RequestId = "stayer" }, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await leaver.MoveNextAsync() && await stayer.MoveNextAsync());

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await leaver.MoveNextAsync());

        await UntilAsync(() => { lock (ended) return ended is ["leaver"]; });

        async IAsyncEnumerable<SequenceDelta> HangAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            try
            {
                yield return new SequenceDelta { RequestId = journal.RequestId, Tokens = [1] };
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally { lock (ended) ended.Add(journal.RequestId); }
        }
    }

    [Fact]
    public async Task Generate_ReaderLeavesBeforeItsSequenceHasBegun_TheSequenceEndsAllTheSame()
    {
        var ended = new TaskCompletionSource();
        var mayBegin = new TaskCompletionSource();
        var wire = new ScriptedWire((_, _, cancellationToken) => HangAsync(cancellationToken)) { MayBegin = mayBegin.Task };
        using var leaving = new CancellationTokenSource();
        await using (var stream = NewReplica(wire).GenerateAsync(Journal, leaving.Token).GetAsyncEnumerator())
        {
            var next = stream.MoveNextAsync();
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        }
        mayBegin.SetResult();
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        async IAsyncEnumerable<SequenceDelta> HangAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            try { await Task.Delay(Timeout.Infinite, cancellationToken); }
            finally { ended.TrySetResult(); }
            yield break;
        }
    }

    [Fact]
    public async Task Generate_SequenceFailsOnALink_TheOthersGoOn()
    {
        RoutedReplica replica = NewReplica(new ScriptedWire((_, journal, cancellationToken) => journal.RequestId == "bad" ? throw new InvalidDataException() : CountAsync(journal, 5)));
        List<SequenceDelta> bad = await replica.GenerateAsync(Journal with { RequestId = "bad" }, CancellationToken.None).ToListAsync();
        Assert.Equal(SequenceErrorKind.ReplicaLost, bad.Single().Error!.Kind);
        Assert.Equal(5, (await replica.GenerateAsync(Journal, CancellationToken.None).ToListAsync()).Sum(delta => delta.Tokens.Length));
    }

    [Fact]
    public async Task Generate_ReplicaClosesItsLinks_WhatIsLeftArrivesAndTheNextSequenceOpensAnother()
    {
        var goOn = new TaskCompletionSource();
        var wire = new ScriptedWire((_, journal, _) => SlowAsync(journal));
        RoutedReplica replica = NewReplica(wire);
        await using var stream = replica.GenerateAsync(Journal, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        wire.LinksOf("m/0").Close();
        goOn.SetResult();
        Assert.True(await stream.MoveNextAsync());
        Assert.Equal(FinishReason.Stop, stream.Current.Finish);
        await UntilAsync(() => wire.Opened == 1);

        // A link to a replica that is closed ends before anything can begin on it.
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await replica.GenerateAsync(Journal with { RequestId = "late" }, CancellationToken.None).ToListAsync());

        async IAsyncEnumerable<SequenceDelta> SlowAsync(SequenceJournal journal)
        {
            yield return new SequenceDelta { RequestId = journal.RequestId, Tokens = [1] };
            await goOn.Task;
            yield return new SequenceDelta { RequestId = journal.RequestId, Position = 1, Finish = FinishReason.Stop };
        }
    }

    private static async IAsyncEnumerable<SequenceDelta> CountAsync(SequenceJournal journal, int tokens)
    {
        int first = journal.EmittedTokens.Length == 0 ? 0 : journal.EmittedTokens[0];
        for (int n = 0; n < tokens; n++)
        {
            if (n % 7 == 0) await Task.Yield();
            yield return new SequenceDelta { RequestId = journal.RequestId, Position = n, Tokens = [first + n], Finish = n == tokens - 1 ? FinishReason.Length : null };
        }
    }

    private static RoutedReplica NewReplica(bool hasLinks = true)
        => NewReplica(new ScriptedWire((_, journal, cancellationToken) => OneThenHangAsync(journal, cancellationToken)), hasLinks);

    private static RoutedReplica NewReplica(ScriptedWire wire, bool hasLinks = true)
    {
        var directory = new RoutedReplicaDirectory(wire);
        directory.Apply(new RoutingTable("m", 1, 1, [Ready with { HasLinks = hasLinks }]));
        return directory.Replicas.Single();
    }

    private static async IAsyncEnumerable<SequenceDelta> OneThenHangAsync(
        SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new SequenceDelta { RequestId = journal.RequestId, Tokens = [1] };
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    private static Task UntilAsync(Func<bool> condition) => Eventually.HoldsAsync(condition, withinMs: 5_000);
}
