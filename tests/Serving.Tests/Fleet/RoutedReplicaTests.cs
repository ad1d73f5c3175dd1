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

    [Fact]
    public async Task Generate_PulseLostMidStream_BreaksAtOnceThoughTheCallHangs()
    {
        var replica = NewReplica();
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
    [InlineData(true)]
    [InlineData(false)]
    public async Task Missed_MidStream_SaysWhetherTheReplicaIsSilentOrGone(bool isSilent)
    {
        var replica = NewReplica();
        await using var stream = replica.GenerateAsync(Journal, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        var next = stream.MoveNextAsync();

        replica.Missed(sent: 1, isSilent);
        replica.Missed(sent: 2, !isSilent); // It was lost already.

        Assert.Equal(isSilent, (await Assert.ThrowsAsync<ReplicaLostException>(async () => await next)).IsSilent);
    }

    [Fact]
    public async Task Update_SameIdOnAnotherSilo_BreaksTheOldStreams()
    {
        var replica = NewReplica();
        await using var stream = replica.GenerateAsync(Journal, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        var next = stream.MoveNextAsync();

        replica.Update(Ready with { Silo = "b" });

        await Assert.ThrowsAsync<ReplicaLostException>(async () => await next);
        Assert.Equal(ReplicaHealth.Ready, replica.Snapshot.Health);
    }

    [Fact]
    public async Task Generate_CallerGoesAway_IsACancellationNotALoss()
    {
        using var leaving = new CancellationTokenSource();
        await using var stream = NewReplica().GenerateAsync(Journal, leaving.Token).GetAsyncEnumerator();
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
        var directory = new RoutedReplicaDirectory((_, _, _) => throw new NotSupportedException());
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

    [Fact]
    public async Task Generate_RefusedAsDraining_IsNotReadyUntilItSaysSo()
    {
        var directory = new RoutedReplicaDirectory((_, journal, _) => RefuseAsync(journal));
        directory.Apply(new RoutingTable("m", 1, 1, [Ready]));
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

    private static RoutedReplica NewReplica()
    {
        var directory = new RoutedReplicaDirectory((_, journal, cancellationToken) => OneThenHangAsync(journal, cancellationToken));
        directory.Apply(new RoutingTable("m", 1, 1, [Ready]));
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
