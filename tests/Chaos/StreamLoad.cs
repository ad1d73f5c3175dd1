using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Cluster.Decoding;
using Cluster.Serving;
using Cluster.Serving.Resuming;
using Cluster.Serving.Routing;

namespace Cluster.Chaos;

/// <summary>Keeps a number of seeded streams running through the edge's own pipeline, each journalled and resumed as a request is.</summary>
public sealed class StreamLoad(IChaosModel model, IReplicaDirectory directory, ResumeOptions resume, ChaosOptions options) : IResumeObserver
{
    private readonly ConcurrentBag<StreamRecord> _records = [];
    private readonly ConcurrentDictionary<string, StreamRecord> _live = new();
    private ReplicaRouter _router = null!;
    private long _handedOver;

    public IReadOnlyCollection<StreamRecord> Records => _records;

    public long HandedOver => _handedOver;

    public ConcurrentDictionary<SequenceErrorKind, int> Reasons { get; } = new();

    public Task RunAsync(CancellationToken until)
    {
        _router = new ReplicaRouter(new Observed(directory, _live), new ReplicaBreakers(new BreakerOptions(), TimeProvider.System));
        return Task.WhenAll(Enumerable.Range(0, options.Streams).Select(async slot =>
        {
            for (int round = 0; !until.IsCancellationRequested; round++) await RunOneAsync($"{slot}-{round}", (ulong)(slot * 7919 + round));
        }));
    }

    public void OnHandedOver(string replicaId, SequenceErrorKind reason)
    {
        Interlocked.Increment(ref _handedOver);
        Reasons.AddOrUpdate(reason, 1, (_, count) => count + 1);
    }

    private async Task RunOneAsync(string id, ulong seed)
    {
        var journal = model.JournalOf(id, seed, options.Tokens);
        var record = new StreamRecord(journal);
        _records.Add(record);
        _live[id] = record;
        var run = new SequenceRun(model.ModelId, _router, resume, TimeProvider.System, this);
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
