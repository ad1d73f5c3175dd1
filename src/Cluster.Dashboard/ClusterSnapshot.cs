using Cluster.Grammar;
using Cluster.OpenAI;
using Cluster.Serving;

namespace Cluster.Dashboard;

/// <summary>What the pages show: values read at one moment, no calls.</summary>
/// <param name="At">When.</param>
/// <param name="Uptime">Since the process started.</param>
/// <param name="Models">In the order of the catalogue.</param>
/// <param name="Replicas">Of all models.</param>
/// <param name="Grammars">This process's cache of compiled grammars.</param>
/// <param name="Schemas">Each remembered schema, the most used first.</param>
/// <param name="Refusals">Refused schemas by keyword.</param>
/// <param name="Running">Requests that run, the oldest first.</param>
/// <param name="Finished">The latest that have ended, the latest first.</param>
public sealed record ClusterSnapshot(
    DateTimeOffset At, TimeSpan Uptime, IReadOnlyList<ServedModel> Models, IReadOnlyList<ReplicaSnapshot> Replicas, GrammarCacheSnapshot Grammars,
    IReadOnlyList<SchemaUse> Schemas, IReadOnlyDictionary<string, long> Refusals, IReadOnlyList<RequestEntry> Running, IReadOnlyList<RequestEntry> Finished)
{
    /// <summary>Figures of the requests that ended within the last minute.</summary>
    public RecentFigures Recent { get; } = RecentFigures.Of(Finished, At);
}

/// <summary>Takes snapshots of this process's view of the cluster.</summary>
public sealed class ClusterSnapshots(
    IModelCatalogue catalogue, IReplicaDirectory replicas, GrammarCache grammars, SchemaStatistics schemas, RequestBook requests, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();

    public ClusterSnapshot Take()
    {
        (IReadOnlyList<RequestEntry> running, IReadOnlyList<RequestEntry> finished) = requests.Snapshot();
        return new ClusterSnapshot(
            time.GetUtcNow(), time.GetElapsedTime(_started), catalogue.Models, [.. replicas.All.Select(replica => replica.Snapshot)], grammars.Snapshot(),
            schemas.Snapshot(), schemas.Refusals(), running, finished);
    }
}
