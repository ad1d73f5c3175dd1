using System.Collections.Immutable;
using Cluster.Decoding;

namespace Cluster.Serving.Fleet;

/// <summary>How an edge reaches a replica elsewhere.</summary>
public delegate IAsyncEnumerable<SequenceDelta> RemoteGenerate(string replicaId, SequenceJournal journal, CancellationToken cancellationToken);

/// <summary>An edge's view of the cluster: the last routing table of each model. Reading it is never a call; a reader sees a whole snapshot.</summary>
public sealed class RoutedReplicaDirectory(RemoteGenerate generate) : IReplicaDirectory
{
    private readonly Lock _gate = new();
    private ImmutableDictionary<string, RoutingTable> _tables = ImmutableDictionary<string, RoutingTable>.Empty;
    private ImmutableDictionary<string, RoutedReplica> _replicas = ImmutableDictionary<string, RoutedReplica>.Empty;

    public IReadOnlyList<IReplica> All => [.. _replicas.Values];

    public IReadOnlyList<IReplica> ReplicasOf(string modelId) => [.. _replicas.Values.Where(replica => replica.ModelId == modelId)];

    /// <summary>Takes a pushed table; older ones, arriving late, are ignored. A replica keeps its object as long as it is in the table.</summary>
    public void Apply(RoutingTable table)
    {
        lock (_gate)
        {
            if (!table.IsNewerThan(_tables.GetValueOrDefault(table.ModelId))) return;
            _tables = _tables.SetItem(table.ModelId, table);
            var next = _replicas.Where(entry => entry.Value.ModelId != table.ModelId).ToImmutableDictionary().ToBuilder();
            foreach (var snapshot in table.Replicas)
            {
                var replica = _replicas.GetValueOrDefault(snapshot.Id) ?? new RoutedReplica(snapshot, generate);
                replica.Snapshot = snapshot;
                next[snapshot.Id] = replica;
            }
            _replicas = next.ToImmutable();
        }
    }
}

/// <summary>A replica on another process, as an edge sees it.</summary>
internal sealed class RoutedReplica(ReplicaSnapshot snapshot, RemoteGenerate generate) : IReplica
{
    private volatile ReplicaSnapshot _snapshot = snapshot;

    public string Id => _snapshot.Id;

    public string ModelId => _snapshot.ModelId;

    public ReplicaSnapshot Snapshot
    {
        get => _snapshot;
        set => _snapshot = value;
    }

    public IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, CancellationToken cancellationToken)
        => generate(Id, journal, cancellationToken);
}
