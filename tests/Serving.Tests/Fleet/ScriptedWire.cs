using System.Collections.Concurrent;
using Cluster.Decoding;
using Cluster.Serving.Fleet;

namespace Cluster.Serving.Tests.Fleet;

/// <summary>Replicas in this process whose sequences are scripted, reached as an edge reaches those elsewhere.</summary>
internal sealed class ScriptedWire(Func<string, SequenceJournal, CancellationToken, IAsyncEnumerable<SequenceDelta>> generate) : IReplicaWire
{
    private readonly ConcurrentDictionary<string, SequenceLinks> _links = new();
    private int _opened;

    /// <summary>No sequence of it is ever begun.</summary>
    public static ScriptedWire None { get; } = new((_, _, _) => throw new NotSupportedException());

    /// <summary>Links that were asked for.</summary>
    public int Opened => Volatile.Read(ref _opened);

    /// <summary>What <see cref="BeginAsync"/> waits for.</summary>
    public Task MayBegin { get; set; } = Task.CompletedTask;

    public SequenceLinks LinksOf(string replicaId) => _links.GetOrAdd(replicaId, id => new SequenceLinks(new Replica(id, generate)));

    public IAsyncEnumerable<SequenceDelta> GenerateAsync(string replicaId, SequenceJournal journal, CancellationToken cancellationToken) => generate(replicaId, journal, cancellationToken);

    public IAsyncEnumerable<SequenceDelta> LinkAsync(string replicaId, string link, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _opened);
        return LinksOf(replicaId).OpenAsync(link, cancellationToken);
    }

    public async Task BeginAsync(string replicaId, string link, SequenceJournal journal)
    {
        await MayBegin;
        LinksOf(replicaId).Begin(link, journal);
    }

    public Task LeaveAsync(string replicaId, string link, SequenceKey sequence)
    {
        LinksOf(replicaId).Leave(link, sequence);
        return Task.CompletedTask;
    }

    private sealed class Replica(string id, Func<string, SequenceJournal, CancellationToken, IAsyncEnumerable<SequenceDelta>> generate) : IReplica
    {
        public string Id => id;

        public string ModelId => "m";

        public ReplicaSnapshot Snapshot => new() { Id = id, ModelId = "m", Health = ReplicaHealth.Ready, HasLinks = true };

        public IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, CancellationToken cancellationToken) => generate(id, journal, cancellationToken);
    }
}
