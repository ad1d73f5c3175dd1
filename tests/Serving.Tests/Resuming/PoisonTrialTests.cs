using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Cluster.Decoding;
using Cluster.Serving.Fleet;
using Cluster.Serving.Local;
using Cluster.Serving.Resuming;
using Cluster.Serving.Routing;
using Cluster.Testing;

namespace Cluster.Serving.Tests.Resuming;

/// <summary>Who is refused where replicas die with all their sequences: the one they die of, and nobody beside it.</summary>
public class PoisonTrialTests
{
    private const int Tokens = 12, PoisonousToken = 5;

    // A machine that stands still for seconds must not look like replicas that fell silent.
    private static readonly ResumeOptions Patient = new() { AttemptsMax = 20, SilenceMin = TimeSpan.FromMinutes(30), FirstDeltaSilenceMax = TimeSpan.FromMinutes(30) };

    /// <summary>A replica that takes all its streams with it when it dies, as a process does, and lives again at once.</summary>
    private sealed class MortalReplica(string id) : IReplica
    {
        private readonly Lock _gate = new();
        private CancellationTokenSource _life = new();

        public string Id => id;

        public string ModelId => "m";

        public int Deaths { get; private set; }

        public ReplicaSnapshot Snapshot => new() { Id = id, ModelId = "m", Health = ReplicaHealth.Ready, SlotsMax = 64 };

        /// <summary>Ends when a stream may begin.</summary>
        public Func<Task> MayBegin { get; set; } = () => Task.CompletedTask;

        /// <summary>Ends when a stream may have the token at which the poisonous sequence kills; until then it stands there, or is lost.</summary>
        public Func<Task> MayGoOn { get; set; } = () => Task.CompletedTask;

        public void Die()
        {
            lock (_gate)
            {
                Deaths++;
                CancellationTokenSource ended = _life;
                _life = new CancellationTokenSource();
                ended.Cancel();
            }
        }

        public async IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await MayBegin();
            CancellationToken life;
            lock (_gate) life = _life.Token;
            yield return Delta(journal, journal.EmittedTokens.Length, []);
            for (int position = journal.EmittedTokens.Length; position < Tokens; position++)
            {
                await Task.Yield();
                if (journal.RequestId == "poison" && position == PoisonousToken) Die();
                else if (position == PoisonousToken) await MayGoOn().WaitAsync(life);
                if (life.IsCancellationRequested) throw new ReplicaLostException(id, isSilent: false);
                yield return Delta(journal, position, [position]) with { Finish = position == Tokens - 1 ? FinishReason.Stop : null };
            }
        }

        private static SequenceDelta Delta(SequenceJournal journal, int position, int[] tokens)
            => new() { RequestId = journal.RequestId, Attempt = journal.Attempt, Position = position, Tokens = [.. tokens] };
    }

    private sealed class Refusals : IResumeObserver
    {
        public ConcurrentBag<string> Refused { get; } = [];

        public void OnHandedOver(in HandOver handOver) { }

        public void OnRetryDelayed(TimeSpan delay) { }

        public void OnPoisonRefused(string requestId, int choice) => Refused.Add(requestId);
    }

    private static async Task<Dictionary<string, int>> RunAllAsync(IEnumerable<string> requests, IReadOnlyList<MortalReplica> replicas, Refusals refusals, ResumePacing pacing)
    {
        await using var cluster = new LocalCluster(replicas);
        var router = new ReplicaRouter(cluster, new ReplicaBreakers(new BreakerOptions(), TimeProvider.System));
        (string Request, int Tokens)[] all = await Task.WhenAll(requests.Select(async request =>
        {
            var run = new SequenceRun("m", router, pacing, TimeProvider.System, refusals);
            var journal = new SequenceJournal { RequestId = request, PromptTokens = [1], Sampling = new SamplingOptions(), TokensMax = Tokens };
            int tokens = 0;
            await foreach (SequenceDelta delta in run.RunAsync(journal, CancellationToken.None)) tokens += delta.Tokens.Length;
            return (request, tokens);
        }));
        return all.ToDictionary(one => one.Request, one => one.Tokens);
    }

    [Fact]
    public async Task Run_OneCauseAmongMany_IsRefusedAndAllOthersEndWhole()
    {
        MortalReplica[] replicas = [.. Enumerable.Range(0, 3).Select(n => new MortalReplica($"m/{n}"))];
        var refusals = new Refusals();
        var pacing = new ResumePacing(Patient, TimeProvider.System);

        // The neighbours stand at the very token that the cause dies at, for as long as it lives: nothing but the trial tells them apart.
        foreach (MortalReplica replica in replicas) replica.MayGoOn = () => pacing.IsTrying || !refusals.Refused.IsEmpty ? Task.CompletedTask : Task.Delay(1);
        Dictionary<string, int> tokens = await RunAllAsync(["poison", .. Enumerable.Range(0, 30).Select(n => $"innocent-{n}")], replicas, refusals, pacing);
        Assert.Equal(["poison"], refusals.Refused);
        Assert.Equal(PoisonousToken, tokens["poison"]);
        Assert.All(tokens.Where(one => one.Key != "poison"), one => Assert.Equal(Tokens, one.Value));
        Assert.Equal(3, replicas.Sum(replica => replica.Deaths));
        Assert.False(pacing.IsTrying);
    }

    [Fact]
    public async Task Run_AllReplicasKilledTwiceFromOutsideAtOneToken_RefusesNobody()
    {
        MortalReplica[] replicas = [.. Enumerable.Range(0, 3).Select(n => new MortalReplica($"m/{n}"))];
        var refusals = new Refusals();
        var pacing = new ResumePacing(Patient, TimeProvider.System);
        const int Streams = 24;
        int held = 0;
        Task begin = Task.CompletedTask;
        var mayGoOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (MortalReplica replica in replicas)
        {
            replica.MayBegin = () => Volatile.Read(ref begin);
            replica.MayGoOn = () =>
            {
                Interlocked.Increment(ref held);
                return mayGoOn.Task;
            };
        }
        Task<Dictionary<string, int>> running = RunAllAsync(Enumerable.Range(0, Streams).Select(n => $"innocent-{n}"), replicas, refusals, pacing);
        for (int kill = 1; kill <= 2; kill++)
        {
            await Eventually.HoldsAsync(() => Volatile.Read(ref held) >= kill * Streams, withinMs: 60_000);

            // No stream goes from the first to the second before that one dies, too.
            var dead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref begin, dead.Task);
            foreach (MortalReplica replica in replicas) replica.Die();
            Volatile.Write(ref begin, Task.CompletedTask);
            dead.SetResult();
        }

        // All are suspects now, and one of them is on trial.
        await Eventually.HoldsAsync(() => Volatile.Read(ref held) > 2 * Streams, withinMs: 60_000);
        Assert.True(pacing.IsTrying);
        Assert.Equal((2 * Streams) + 1, Volatile.Read(ref held));
        mayGoOn.SetResult();
        Assert.All(await running, one => Assert.Equal(Tokens, one.Value));
        Assert.Empty(refusals.Refused);
        Assert.False(pacing.IsTrying);
    }
}
