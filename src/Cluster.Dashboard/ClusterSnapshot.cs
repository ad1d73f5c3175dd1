using Cluster.Grammar;
using Cluster.Serving;

namespace Cluster.Dashboard;

/// <summary>What the pages show: values read at one moment, no calls.</summary>
/// <param name="At">When.</param>
/// <param name="Uptime">Since the process started.</param>
/// <param name="Models">In the order of the catalogue.</param>
/// <param name="Replicas">Of all models.</param>
/// <param name="Grammars">This process's cache of compiled grammars.</param>
public sealed record ClusterSnapshot(
    DateTimeOffset At, TimeSpan Uptime, IReadOnlyList<ServedModel> Models, IReadOnlyList<ReplicaSnapshot> Replicas, GrammarCacheSnapshot Grammars);

/// <summary>Takes snapshots of this process's view of the cluster.</summary>
public sealed class ClusterSnapshots(IModelCatalogue catalogue, IReplicaDirectory replicas, GrammarCache grammars, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();

    public ClusterSnapshot Take() => new(
        time.GetUtcNow(), time.GetElapsedTime(_started), catalogue.Models, [.. replicas.All.Select(replica => replica.Snapshot)], grammars.Snapshot());
}
