using System.Collections.Immutable;

namespace Cluster.Serving.Fleet;

/// <summary>What one process of the cluster offers and runs; sent to each model's planner a few times a second.</summary>
public sealed record SiloReport
{
    public required string Silo { get; init; }

    /// <summary>Models that it can load.</summary>
    public ImmutableArray<string> Models { get; init; } = [];

    /// <summary>Their versions, where they are told.</summary>
    public ImmutableArray<ModelOffer> Offers { get; init; } = [];

    /// <summary>Devices it does not use itself; another process of the machine may hold them.</summary>
    public int FreeDevices { get; init; }

    public bool Draining { get; init; }

    public ImmutableArray<ReplicaSnapshot> Replicas { get; init; } = [];
}

/// <summary>Where a model's sequences may go: a snapshot, pushed to every edge.</summary>
/// <param name="ModelId">The model.</param>
/// <param name="Epoch">Number of the planner's life; a later one wins over an earlier one.</param>
/// <param name="Version">Grows with each change within an epoch.</param>
/// <param name="Replicas">Every known replica, ready or not.</param>
public sealed record RoutingTable(string ModelId, long Epoch, long Version, ImmutableArray<ReplicaSnapshot> Replicas)
{
    public bool IsNewerThan(RoutingTable? other) => other is null || (Epoch, Version).CompareTo((other.Epoch, other.Version)) > 0;
}
