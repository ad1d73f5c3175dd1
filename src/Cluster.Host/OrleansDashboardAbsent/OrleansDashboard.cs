using Orleans.Hosting;

namespace Cluster.Host;

/// <summary>Stands in where this build has no Orleans dashboard (its package could not be restored).</summary>
public static class OrleansDashboard
{
    public const string Path = "/admin/orleans";

    /// <summary>Whether this build has it.</summary>
    public static bool IsAvailable => false;

    /// <summary>Adds nothing.</summary>
    public static ISiloBuilder AddOrleansDashboard(this ISiloBuilder silo) => silo;

    /// <summary>Maps nothing: the address is not found.</summary>
    public static void MapOrleansDashboard(this IEndpointRouteBuilder routes)
    {
    }
}
