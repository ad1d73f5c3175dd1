using System.Text.Json;
using Cluster.Dashboard.Pages;
using Cluster.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Dashboard;

/// <summary>The admin pages under <c>/admin</c>: rendered here, live over server-sent events, assets embedded.</summary>
public static class DashboardRoutes
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, string> ContentTypes = new(StringComparer.Ordinal)
    {
        ["dashboard.css"] = "text/css; charset=utf-8",
        ["dashboard.js"] = "text/javascript; charset=utf-8",
    };

    public static IServiceCollection AddDashboard(this IServiceCollection services) => services.AddSingleton<ClusterSnapshots>();

    public static void MapDashboard(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder admin = routes.MapGroup("/admin").AddEndpointFilter(async (context, next) =>
        {
            context.HttpContext.Response.Headers.ContentSecurityPolicy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'";
            context.HttpContext.Response.Headers.XContentTypeOptions = "nosniff";
            return await next(context).ConfigureAwait(false);
        });
        admin.MapGet("", (ClusterSnapshots snapshots) => Results.Content(OverviewPage.Render(snapshots.Take()), "text/html; charset=utf-8"));
        admin.MapGet("/playground", (IModelCatalogue catalogue) => Results.Content(PlaygroundPage.Render(catalogue.Models), "text/html; charset=utf-8"));
        admin.MapGet("/assets/{name}", (string name) => ContentTypes.TryGetValue(name, out string? type)
            ? Results.Stream(typeof(DashboardRoutes).Assembly.GetManifestResourceStream($"Assets/{name}")!, type)
            : Results.NotFound());
        admin.MapGet("/events", StreamAsync);
    }

    private static async Task StreamAsync(HttpContext http, ClusterSnapshots snapshots, TimeProvider time, Microsoft.Extensions.Hosting.IHostApplicationLifetime lifetime)
    {
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache";
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            using var timer = new PeriodicTimer(Interval, time);
            do
            {
                await http.Response.WriteAsync($"data: {JsonSerializer.Serialize(OverviewPage.RenderLive(snapshots.Take()))}\n\n", ended.Token).ConfigureAwait(false);
                await http.Response.Body.FlushAsync(ended.Token).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(ended.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The page was closed, or the server stops.
        }
    }
}
