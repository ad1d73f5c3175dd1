using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Cluster.Grains.Placement;

/// <summary>The grain goes to a silo that owns devices: the one its planner names in the call's placement hint.</summary>
[Serializable, GenerateSerializer, Alias("cluster.FreeDevicePlacement"), Immutable]
public sealed class FreeDeviceStrategy : PlacementStrategy;

[AttributeUsage(AttributeTargets.Class)]
public sealed class FreeDevicePlacementAttribute() : PlacementAttribute(new FreeDeviceStrategy());

/// <summary>
/// Picks the silo of a replica. The planner knows where a device is free and says so; a call that comes without its word (an edge that still has an
/// old routing table) gets a replica silo by number, whose device pool has the last word.
/// </summary>
/// <remarks>Rejected: <c>RequiredMatchSiloMetadata</c>, which compares with the metadata of the silo that places, not of the one placed on.</remarks>
public sealed class FreeDevicePlacementDirector(ISiloMetadataCache metadata) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target)
            .Where(silo => metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(SiloRole.Key) is SiloRole.Replica or SiloRole.Both)
            .Order().ToArray();
        if (IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) is { } hint) return Task.FromResult(hint);
        if (silos.Length == 0) throw new OrleansException("No silo with the replica role is active.");
        return Task.FromResult(silos[NumberOf(target.GrainIdentity.Key.ToString()!) % silos.Length]);
    }

    private static int NumberOf(string key) => int.TryParse(key.AsSpan(key.LastIndexOf('/') + 1), out int n) ? Math.Abs(n) : 0;
}

/// <summary>What a silo does, as it stands in its metadata.</summary>
public static class SiloRole
{
    public const string Key = "cluster.role";
    public const string Edge = "edge";
    public const string Replica = "replica";
    public const string Both = "both";
}
