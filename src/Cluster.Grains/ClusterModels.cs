using Cluster.Grains.Placement;
using Cluster.Serving.Fleet;

namespace Cluster.Grains;

/// <summary>Which models this silo has to do with at the moment; they follow its catalogue.</summary>
/// <param name="role">One of <see cref="SiloRole"/>.</param>
/// <param name="first">The models that it began with.</param>
/// <param name="edge">What its edge needs; null where its catalogue never changes.</param>
public sealed class ClusterModels(string role, IReadOnlyList<string> first, IReplicaFactory factory, ReplicaHost host, EdgeModels? edge)
{
    /// <summary>Those it can load, and those that it still runs.</summary>
    public IReadOnlyList<string> Hosted => role == SiloRole.Edge ? [] : [.. factory.Models.Union(host.All.Select(replica => replica.ModelId))];

    /// <summary>Those its edge routes.</summary>
    public IReadOnlyList<string> Routed => role == SiloRole.Replica ? [] : edge?.Models ?? first;

    /// <summary>All that it knows of.</summary>
    public IReadOnlyList<string> All => [.. (edge?.Models ?? first).Union(Hosted)];

    /// <summary>See <see cref="EdgeModels.NeededOf"/>.</summary>
    public string[] NeededOf(string model) => [.. edge?.NeededOf(model) ?? []];
}
