using Cluster.Serving;

namespace Cluster.Grains;

/// <summary>What an administrator asks of the whole cluster; key 0. Used by the dashboard and the command-line client.</summary>
[Alias("cluster.IClusterAdminGrain")]
public interface IClusterAdminGrain : IGrainWithIntegerKey
{
    /// <param name="models">Names; none means every model of the catalogue.</param>
    [Alias("snapshot")]
    Task<ClusterSnapshot> GetSnapshotAsync(string[] models);

    /// <summary>Wants this many replicas of the model from now on; 0 unloads it.</summary>
    [Alias("scale")]
    Task ScaleAsync(string model, int replicas);

    /// <summary>Drains the replica and frees its device; reconciliation puts another in its place.</summary>
    [Alias("drain")]
    Task DrainAsync(string replicaId);

    /// <summary>Drains every replica of a silo and keeps it empty until it is resumed or ends.</summary>
    /// <param name="silo">As in <see cref="SiloSnapshot.Silo"/>.</param>
    [Alias("drain-silo")]
    Task DrainSiloAsync(string silo);

    /// <summary>Lets reconciliation use the silo again.</summary>
    [Alias("resume-silo")]
    Task ResumeSiloAsync(string silo);
}

/// <summary>The cluster at one moment.</summary>
[GenerateSerializer, Alias("cluster.snapshot"), Immutable]
public sealed record ClusterSnapshot
{
    [Id(0)] public SiloSnapshot[] Silos { get; init; } = [];

    [Id(1)] public ReplicaSnapshot[] Replicas { get; init; } = [];

    /// <summary>Schemas that a new silo compiles first.</summary>
    [Id(2)] public int KnownSchemas { get; init; }
}

/// <summary>One silo as membership sees it.</summary>
[GenerateSerializer, Alias("cluster.silo-snapshot"), Immutable]
public sealed record SiloSnapshot
{
    /// <summary>As in <see cref="ReplicaSnapshot.Silo"/>.</summary>
    [Id(0)] public string Silo { get; init; } = "";

    /// <summary>See <see cref="Placement.SiloRole"/>.</summary>
    [Id(1)] public string Role { get; init; } = "";

    /// <summary>Membership status, for example <c>Active</c>.</summary>
    [Id(2)] public string Status { get; init; } = "";

    /// <summary>An administrator wants no replicas on it.</summary>
    [Id(3)] public bool IsEmptied { get; init; }
}
