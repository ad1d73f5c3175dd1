using System.Text.Json;
using Cluster.Dashboard.Actions;
using Cluster.Dashboard.Pages;
using Cluster.OpenAI;
using Cluster.OpenAI.Access;
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
        ["icon.svg"] = "image/svg+xml",
        ["dashboard.js"] = "text/javascript; charset=utf-8",
    };

    public static IServiceCollection AddDashboard(this IServiceCollection services) => services.AddSingleton<ClusterSnapshots>();

    public static void MapDashboard(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder admin = routes.MapGroup("/admin").WithAccess(EndpointAccess.Admin).AddEndpointFilter(async (context, next) =>
        {
            context.HttpContext.Response.Headers.ContentSecurityPolicy = "default-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
            context.HttpContext.Response.Headers.XContentTypeOptions = "nosniff";

            // Without its own address, a browser would send the forms of these pages as if they came from nowhere, and they would be refused.
            context.HttpContext.Response.Headers["Referrer-Policy"] = "same-origin";
            return await next(context).ConfigureAwait(false);
        });
        MapLive(admin, "", "Overview", OverviewPage.RenderLive);
        MapLive(admin, "/replicas", "Models & replicas", ReplicasPage.RenderLive);
        MapLive(admin, "/requests", "Requests", RequestsPage.RenderLive);
        MapLive(admin, "/grammars", "Grammars", GrammarsPage.RenderLive);
        MapLive(admin, "/silos", "Silos", SilosPage.RenderLive);
        admin.MapGet("/requests/{id}", (string id, RequestBook requests, TimeProvider time)
            => requests.Find(id) is { } entry ? Page("One request", "/admin/requests", RequestsPage.RenderOne(entry, time.GetUtcNow())) : Results.NotFound());
        admin.MapGet("/grammars/{hash}", (string hash, SchemaStatistics schemas)
            => schemas.Snapshot().FirstOrDefault(use => use.Hash == hash) is { } use ? Page($"Grammar {hash[..12]}", "/admin/grammars", GrammarsPage.RenderOne(use)) : Results.NotFound());
        admin.MapGet("/configuration", (ISettingsView settings) => Page("Configuration", "/admin/configuration", ConfigurationPage.Render(settings)));

        ActionRoutes.Map(admin);

        // A browser sends its credentials along only below the path that asked for them.
        admin.MapPost("/playground/completions", (RequestDelegate)routes.ServiceProvider.GetRequiredService<ChatCompletionsEndpoint>().HandleAsync);
        admin.MapPost("/playground/steps", PlaygroundSteps.HandleAsync);
        admin.MapGet("/playground", (IModelCatalogue catalogue) => Results.Content(PlaygroundPage.Render(catalogue.Models), Html.ContentType));
        admin.MapGet("/assets/{name}", (string name) => ContentTypes.TryGetValue(name, out string? type)
            ? Results.Stream(typeof(DashboardRoutes).Assembly.GetManifestResourceStream($"Assets/{name}")!, type)
            : Results.NotFound());
    }

    private static IResult Page(string title, string current, string content) => Results.Content(Html.Page(title, current, content), Html.ContentType);

    /// <summary>A page whose content is pushed again every second, to whoever looks at it.</summary>
    private static void MapLive(RouteGroupBuilder admin, string path, string title, Func<ClusterSnapshot, string> render)
    {
        string events = $"/admin/events{(path.Length == 0 ? "/overview" : path)}";
        admin.MapGet(path, async (ClusterSnapshots snapshots, string? done, CancellationToken cancellationToken) => Page(
            title, $"/admin{path}", Html.Done(done) + Html.Live(events, render(await snapshots.TakeAsync(cancellationToken).ConfigureAwait(false)))));
        admin.MapGet(events["/admin".Length..], (HttpContext http, ClusterSnapshots snapshots, TimeProvider time, Microsoft.Extensions.Hosting.IHostApplicationLifetime lifetime)
            => StreamAsync(http, snapshots, render, time, lifetime));
    }

    private static async Task StreamAsync(
        HttpContext http, ClusterSnapshots snapshots, Func<ClusterSnapshot, string> render, TimeProvider time, Microsoft.Extensions.Hosting.IHostApplicationLifetime lifetime)
    {
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache";
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            using var timer = new PeriodicTimer(Interval, time);
            do
            {
                await http.Response.WriteAsync($"data: {JsonSerializer.Serialize(render(await snapshots.TakeAsync(ended.Token).ConfigureAwait(false)))}\n\n", ended.Token).ConfigureAwait(false);
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
