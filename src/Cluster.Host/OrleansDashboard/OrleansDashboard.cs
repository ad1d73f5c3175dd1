using Cluster.OpenAI.Access;
using Orleans.Dashboard;
using Orleans.Hosting;

namespace Cluster.Host;

/// <summary>
/// Orleans' own dashboard below <c>/admin/orleans</c>: grains, their calls, silos and their counters, as Orleans sees them. It has no authorisation of its own, so its
/// routes have that of the admin pages. Left out of builds without its package; OrleansDashboardAbsent/ takes its place there.
/// </summary>
public static class OrleansDashboard
{
    public const string Path = "/admin/orleans";

    /// <summary>Whether this build has it.</summary>
    public static bool IsAvailable => true;

    /// <summary>On every silo: each tells of itself. Calls are only profiled while somebody looks.</summary>
    /// <remarks>Its stream of the log is off: a log belongs to whoever collects logs.</remarks>
    public static ISiloBuilder AddOrleansDashboard(this ISiloBuilder silo) => silo.AddDashboard(dashboard => dashboard.HideTrace = true);

    public static void MapOrleansDashboard(this IEndpointRouteBuilder routes)
        => global::Orleans.Dashboard.ServiceCollectionExtensions.MapOrleansDashboard(routes, Path).WithAccess(EndpointAccess.Admin).AddEndpointFilter(async (context, next) =>
        {
            // Its pages set styles in their elements, and its fonts and pictures are partly in its style sheet.
            context.HttpContext.Response.Headers.ContentSecurityPolicy
                = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
            return await next(context);
        });
}
