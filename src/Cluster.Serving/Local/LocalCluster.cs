namespace Cluster.Serving.Local;

/// <summary>The cluster that fits in one process: a fixed set of replicas, no network. Single-node mode and tests run on it.</summary>
public sealed class LocalCluster : IReplicaDirectory, IAsyncDisposable
{
    private readonly IReplica[] _replicas;
    private readonly Dictionary<string, IReplica[]> _byModel;

    /// <param name="replicas">Owned by the cluster where they are disposable.</param>
    public LocalCluster(IEnumerable<IReplica> replicas)
    {
        _replicas = [.. replicas];
        _byModel = _replicas.GroupBy(replica => replica.ModelId, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
    }

    public IReadOnlyList<IReplica> All => _replicas;

    public IReadOnlyList<IReplica> ReplicasOf(string modelId) => _byModel.GetValueOrDefault(modelId, []);

    public async ValueTask DisposeAsync()
    {
        foreach (IReplica replica in _replicas)
        {
            if (replica is IAsyncDisposable disposable) await disposable.DisposeAsync().ConfigureAwait(false);
        }
    }
}
