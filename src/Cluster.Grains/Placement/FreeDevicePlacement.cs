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
/// Puts a replica on the silo that its planner names, and on no other: a call that comes without its word (the pulse of an edge that has not heard of
/// the replica's end) is refused. An activation that such a call made would sit on a silo that does not own the replica's device, in the way of the
/// planner's own.
/// </summary>
/// <remarks>Rejected: <c>RequiredMatchSiloMetadata</c>, which compares with the metadata of the silo that places, not of the one placed on.</remarks>
public sealed class FreeDevicePlacementDirector(ISiloMetadataCache metadata) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target)
            .Where(silo => metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(SiloRole.Key) is SiloRole.Replica or SiloRole.Both)
            .ToArray();
        return IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) is { } hint ? Task.FromResult(hint)
            : throw new OrleansException($"{target.GrainIdentity.Key} runs nowhere, or the silo that it is meant for is not active.");
    }
}

/// <summary>What a silo does, as it stands in its metadata.</summary>
public static class SiloRole
{
    public const string Key = "cluster.role";
    public const string Edge = "edge";
    public const string Replica = "replica";
    public const string Both = "both";
}
