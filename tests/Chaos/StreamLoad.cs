using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Cluster.Decoding;
using Cluster.Serving;
using Cluster.Serving.Resuming;
using Cluster.Serving.Routing;

namespace Cluster.Chaos;

/// <summary>Keeps a number of seeded streams running through the edge's own pipeline, each journalled and resumed as a request is.</summary>
public sealed class StreamLoad(FakeReplicas model, IReplicaDirectory directory, ResumePacing pacing, ChaosOptions options) : IStreamLoad, IResumeObserver
{
    private readonly ConcurrentBag<StreamRecord> _records = [];
    private readonly ConcurrentDictionary<string, StreamRecord> _live = new();
    private ReplicaRouter _router = null!;
    private readonly ConcurrentDictionary<string, int> _reasons = new();

    public IReadOnlyCollection<IStreamOutcome> Outcomes => _records;

    public IReadOnlyDictionary<string, int> Reasons => _reasons;

    public Task RunAsync(CancellationToken until)
    {
        _router = new ReplicaRouter(new Observed(directory, _live), new ReplicaBreakers(new BreakerOptions(), TimeProvider.System));
        return Task.WhenAll(Enumerable.Range(0, options.Streams).Select(async slot =>
        {
            for (int round = 0; !until.IsCancellationRequested; round++) await RunOneAsync($"{slot}-{round}", (ulong)(slot * 7919 + round));
        }));
    }

    public async Task<Comparison> CompareAsync(IChaosModel model)
    {
        await using var undisturbed = await model.OpenUndisturbedAsync();
        int equal = 0, unfinished = 0;
        foreach (var batch in _records.Where(stream => stream.IsContinued).Chunk(32))
            equal += (await Task.WhenAll(batch.Select(IsEqualAsync))).Count(isEqual => isEqual);
        return new Comparison(equal, 0, unfinished, 0);

        async Task<bool> IsEqualAsync(StreamRecord stream)
        {
            var tokens = new List<int>();
            using var leaving = new CancellationTokenSource(TimeSpan.FromSeconds(options.CompareSeconds));
            try
            {
                await foreach (var delta in undisturbed.GenerateAsync(stream.Journal, leaving.Token)) tokens.AddRange(delta.Tokens);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref unfinished);
                Console.WriteLine($"not compared within {options.CompareSeconds} s: {stream.Journal.RequestId}, {tokens.Count} tokens; {undisturbed.Engine.Snapshot}");
                return false;
            }
            return tokens.SequenceEqual(stream.Tokens);
        }
    }

    public void OnHandedOver(in HandOver handOver) => _reasons.AddOrUpdate(handOver.Reason.ToString(), 1, (_, count) => count + 1);

    public void OnRetryDelayed(TimeSpan delay) { }

    public void OnPoisonRefused(string requestId, int choice) => Console.WriteLine($"refused as poison: {requestId}");

    private async Task RunOneAsync(string id, ulong seed)
    {
        var journal = model.JournalOf(id, seed, options.Tokens);
        var record = new StreamRecord(journal);
        _records.Add(record);
        _live[id] = record;
        var run = new SequenceRun(model.ModelId, _router, pacing, TimeProvider.System, this);
        try
        {
            await foreach (var delta in run.RunAsync(journal, CancellationToken.None))
            {
                for (int n = 0; n < delta.Tokens.Length; n++) record.Arrived(delta.Position + n, delta.Tokens[n]);
                if (delta.Error is { } error) record.Failure = $"{error.Kind}: {error.Message}";
                record.IsComplete = delta.Finish == FinishReason.Length && delta.Position + delta.Tokens.Length == options.Tokens;
            }
        }
        catch (Exception error) { record.Failure = error.ToString(); }
        _live.TryRemove(id, out _);
    }

    /// <summary>Notes which streams needed another attempt; the pipeline itself tells no one.</summary>
    private sealed class Observed(IReplicaDirectory inner, ConcurrentDictionary<string, StreamRecord> live) : IReplicaDirectory
    {
        public IReadOnlyList<IReplica> All => inner.All;

        public IReadOnlyList<IReplica> ReplicasOf(string modelId) => [.. inner.ReplicasOf(modelId).Select(replica => new Replica(replica, live))];

        private sealed class Replica(IReplica inner, ConcurrentDictionary<string, StreamRecord> live) : IReplica
        {
            public string Id => inner.Id;

            public string ModelId => inner.ModelId;

            public ReplicaSnapshot Snapshot => inner.Snapshot;

            public async IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
            {
                if (journal.Attempt > 0 && live.TryGetValue(journal.RequestId, out var record)) record.HandedOver();
                await foreach (var delta in inner.GenerateAsync(journal, cancellationToken)) yield return delta;
            }
        }
    }
}
