using System.Globalization;
using Cluster.Dashboard.Pages;
using Cluster.OpenAI.Access;
using Cluster.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Cluster.Dashboard.Actions;

/// <summary>
/// What administrators do: <c>GET /admin/actions/{action}?target=…</c> asks, <c>POST</c> does it and leads back. Works without script. A request whose key a browser added by
/// itself must carry the page's token; one that carries its key as a bearer token needs none.
/// </summary>
internal sealed partial class ActionRoutes
{
    private const string Back = "/admin/replicas";
    private const int TargetCharactersMax = 512;

    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/actions/{action}", (HttpContext http, string action, string? target, TimeProvider time)
            => AdminAction.Find(action) is { } found && IsTarget(target) ? Ask(http, found, target!, time, "") : Results.NotFound());
        admin.MapPost("/actions/{action}", DoAsync);
    }

    private static bool IsTarget(string? target) => target is { Length: > 0 and <= TargetCharactersMax };

    private static IResult Ask(HttpContext http, AdminAction action, string target, TimeProvider time, string problem)
        => Results.Content(
            Html.Page($"{action.Title} {target}?", Back, ActionPage.Render(action, target, ActionToken.Of(http.Caller(), action.Name, target, time.GetUtcNow()), problem)), Html.ContentType,
            statusCode: problem.Length == 0 ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);

    private static async Task<IResult> DoAsync(HttpContext http, string action, IClusterControl control, TimeProvider time, ILogger<ActionRoutes> logger)
    {
        // 1. Read
        if (AdminAction.Find(action) is not { } found || !http.Request.HasFormContentType) return Results.NotFound();
        IFormCollection form = await http.Request.ReadFormAsync(new Microsoft.AspNetCore.Http.Features.FormOptions { ValueCountLimit = 8, BufferBodyLengthLimit = 4096 }, http.RequestAborted).ConfigureAwait(false);
        string target = form["target"].ToString();
        if (!IsTarget(target)) return Results.NotFound();

        // 2. Is it the caller's own wish?
        if (MayBeSentByABrowserItself(http.Request) && !ActionToken.Holds(form["token"].ToString(), http.Caller(), found.Name, target, time.GetUtcNow()))
            return Ask(http, found, target, time, "This page was too old. Nothing was done; please confirm again.");
        int replicas = 0;
        if (found.AsksNumber && !int.TryParse(form["replicas"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out replicas))
            return Ask(http, found, target, time, "The number of replicas must be a whole number.");

        // 3. Do
        string described = found.DescribeOf(target, replicas);
        try
        {
            await found.RunAsync(control, target, replicas, http.RequestAborted).ConfigureAwait(false);
            LogDone(logger, http.Caller().Id, described);
            return Results.Redirect($"{Back}?done={Uri.EscapeDataString(described)}", permanent: false, preserveMethod: false);
        }
        catch (ClusterControlException refusal)
        {
            LogRefused(logger, http.Caller().Id, described, refusal.Message);
            return Ask(http, found, target, time, refusal.Message);
        }
    }

    /// <summary>Basic credentials are added by browsers, and where there are no keys there is nothing to add.</summary>
    private static bool MayBeSentByABrowserItself(HttpRequest request)
        => !request.Headers.ContainsKey("api-key") && (StringValues.IsNullOrEmpty(request.Headers.Authorization) || !request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase));
}
