using Cluster.Grammar;
using Cluster.OpenAI;
using Cluster.Serving;

namespace Cluster.Dashboard;

/// <summary>What the pages show: values read at one moment, no calls.</summary>
/// <param name="At">When.</param>
/// <param name="Uptime">Since the process started.</param>
/// <param name="States">How each model is.</param>
/// <param name="Replicas">Of all models.</param>
/// <param name="Silos">The processes of the cluster; empty where they could not be asked.</param>
/// <param name="Grammars">This process's cache of compiled grammars.</param>
/// <param name="Schemas">Each remembered schema, the most used first.</param>
/// <param name="Refusals">Refused schemas by keyword.</param>
/// <param name="Running">Requests that run, the oldest first.</param>
/// <param name="Finished">The latest that have ended, the latest first.</param>
public sealed record ClusterSnapshot(
    DateTimeOffset At, TimeSpan Uptime, IReadOnlyList<ModelState> States, IReadOnlyList<ReplicaSnapshot> Replicas, IReadOnlyList<SiloState> Silos, GrammarCacheSnapshot Grammars,
    IReadOnlyList<SchemaUse> Schemas, IReadOnlyDictionary<string, long> Refusals, IReadOnlyList<RequestEntry> Running, IReadOnlyList<RequestEntry> Finished)
{
    /// <summary>Pages about the silos that others serve behind the admin key.</summary>
    public IReadOnlyList<AdminLink> Links { get; init; } = [];

    /// <summary>Figures of the requests that ended within the last minute.</summary>
    public RecentFigures Recent { get; } = RecentFigures.Of(Finished, At);
}

/// <summary>A page of somebody else's, behind the same key.</summary>
/// <param name="Address">Path on this server.</param>
/// <param name="Name">What the link says.</param>
public sealed record AdminLink(string Address, string Name);

/// <summary>Takes snapshots of this process's view of the cluster.</summary>
public sealed class ClusterSnapshots(
    IModelCatalogue catalogue, IReplicaDirectory replicas, IClusterControl control, GrammarCache grammars, SchemaStatistics schemas, RequestBook requests, TimeProvider time,
    IEnumerable<AdminLink> links)
{
    private static readonly TimeSpan SilosTimeMax = TimeSpan.FromSeconds(2);
    private readonly long _started = time.GetTimestamp();

    public async Task<ClusterSnapshot> TakeAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<SiloState> silos = await SilosAsync(cancellationToken).ConfigureAwait(false);
        (IReadOnlyList<RequestEntry> running, IReadOnlyList<RequestEntry> finished) = requests.Snapshot();
        return new ClusterSnapshot(
            time.GetUtcNow(), time.GetElapsedTime(_started), [.. catalogue.Models.Select(model => ModelState.Of(model, replicas))], [.. replicas.All.Select(replica => replica.Snapshot)],
            silos, grammars.Snapshot(), schemas.Snapshot(), schemas.Refusals(), running, finished) { Links = [.. links] };
    }

    /// <summary>A page is shown even while the cluster cannot be asked.</summary>
    private async Task<IReadOnlyList<SiloState>> SilosAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await control.GetSilosAsync(cancellationToken).WaitAsync(SilosTimeMax, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException and not OutOfMemoryException)
        {
            return [];
        }
    }
}
