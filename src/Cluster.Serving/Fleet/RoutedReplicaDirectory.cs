using System.Collections.Immutable;

namespace Cluster.Serving.Fleet;

/// <summary>An edge's view of the cluster: the last routing table of each model. Reading it is never a call; a reader sees a whole snapshot.</summary>
public sealed class RoutedReplicaDirectory(IReplicaWire wire) : IReplicaDirectory
{
    private readonly Lock _gate = new();
    private ImmutableDictionary<string, RoutingTable> _tables = ImmutableDictionary<string, RoutingTable>.Empty;
    private ImmutableDictionary<string, RoutedReplica> _replicas = ImmutableDictionary<string, RoutedReplica>.Empty;

    public IReadOnlyList<IReplica> All => [.. _replicas.Values];

    /// <summary>The last table of each model.</summary>
    public IEnumerable<RoutingTable> Tables => _tables.Values;

    /// <summary>Every replica, with its pulse.</summary>
    public IEnumerable<RoutedReplica> Replicas => _replicas.Values;

    public IReadOnlyList<IReplica> ReplicasOf(string modelId) => [.. _replicas.Values.Where(replica => replica.ModelId == modelId)];

    /// <summary>The model was removed and nobody uses it any more.</summary>
    public void Forget(string modelId)
    {
        lock (_gate)
        {
            _tables = _tables.Remove(modelId);
            _replicas = _replicas.RemoveRange(_replicas.Values.Where(replica => replica.ModelId == modelId).Select(replica => replica.Id));
        }
    }

    /// <summary>Takes a pushed table; older ones, arriving late, are ignored. A replica keeps its object as long as it is in the table; one
    /// that is no longer in it is lost.</summary>
    public void Apply(RoutingTable table)
    {
        lock (_gate)
        {
            if (!table.IsNewerThan(_tables.GetValueOrDefault(table.ModelId))) return;
            _tables = _tables.SetItem(table.ModelId, table);
            var next = _replicas.Where(entry => entry.Value.ModelId != table.ModelId).ToImmutableDictionary().ToBuilder();
            foreach (var snapshot in table.Replicas)
            {
                if (_replicas.TryGetValue(snapshot.Id, out var known)) known.Update(snapshot);
                next[snapshot.Id] = known ?? new RoutedReplica(snapshot, wire);
            }
            foreach (var gone in _replicas.Values.Where(replica => replica.ModelId == table.ModelId && !next.ContainsKey(replica.Id))) gone.Lose();
            _replicas = next.ToImmutable();
        }
    }
}
