using System.Text;
using Cluster.OpenAI.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Cluster.OpenAI.Access;

/// <summary>The port, if any, on which monitoring needs no key.</summary>
public sealed record InternalPort(int? Port);

/// <summary>
/// Finds out who calls and whether the endpoint is for them. An endpoint that names no owner of its authorisation is for admins; a path
/// that leads nowhere is told only to those who have a key.
/// </summary>
/// <remarks>
/// Keys come as <c>Authorization: Bearer</c>, as <c>api-key</c>, or, for browsers, as the password of <c>Authorization: Basic</c>. What a
/// browser adds by itself (Basic, or nothing where no key is asked for) is refused when another site's page sent it; where no key is asked for,
/// the API (never the admin pages) is open to the <see cref="AllowedOrigins"/>.
/// </remarks>
public sealed class AccessMiddleware(RequestDelegate next, ApiKeyRing keys, AnonymousPolicy anonymous, AllowedOrigins origins, InternalPort internalPort)
{
    private static readonly ApiError Missing = new(401, "invalid_request_error", "invalid_api_key", null,
        "No API key: send it as 'Authorization: Bearer KEY'.");

    private static readonly ApiError Wrong = new(401, "invalid_request_error", "invalid_api_key", null, "The API key is not valid.");

    private static readonly ApiError NotAdmin = new(403, "invalid_request_error", "admin_required", null, "This needs an admin's API key.");

    private static readonly ApiError CrossSite = new(403, "invalid_request_error", "cross_site_request", null,
        "A page of another site may not use this server through its visitor.");

    public async Task InvokeAsync(HttpContext http)
    {
        EndpointAccess required = RequiredBy(http.GetEndpoint());
        bool isInternal = required == EndpointAccess.Monitoring && http.Connection.LocalPort == internalPort.Port;
        if (required != EndpointAccess.Public && !isInternal && Refuse(http, required) is { } error)
        {
            if (error.Status == 401) http.Response.Headers.WWWAuthenticate = required == EndpointAccess.Admin ? "Basic realm=\"Cluster\", charset=\"UTF-8\"" : "Bearer";
            await JsonText.AnswerAsync(http, error, http.RequestAborted).ConfigureAwait(false);
            return;
        }
        await next(http).ConfigureAwait(false);
    }

    private static EndpointAccess RequiredBy(Endpoint? endpoint)
        => endpoint is RouteEndpoint ? endpoint.Metadata.GetMetadata<RequiredAccess>()?.Access ?? EndpointAccess.Admin : EndpointAccess.Key;

    private ApiError? Refuse(HttpContext http, EndpointAccess required)
    {
        (string? presented, bool isByBrowser) = Presented(http.Request);
        ApiKey? caller = keys.IsEmpty ? anonymous.CallerOf(http) : presented is null ? null : keys.Find(presented);
        if (caller is null) return presented is null ? Missing : Wrong;
        bool isWelcome = !isByBrowser && required == EndpointAccess.Key && origins.Allows(http.Request.Headers.Origin.ToString());
        if ((keys.IsEmpty || isByBrowser) && !isWelcome && IsCrossSite(http.Request)) return CrossSite;
        if (required is EndpointAccess.Admin or EndpointAccess.Monitoring && !caller.IsAdmin) return NotAdmin;
        http.Features.Set(caller);
        return null;
    }

    private static (string? Key, bool IsByBrowser) Presented(HttpRequest request)
    {
        string authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return (authorization["Bearer ".Length..].Trim(), false);
        if (authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return (PasswordOf(authorization["Basic ".Length..].Trim()), true);
        return request.Headers.TryGetValue("api-key", out var key) ? (key.ToString(), false) : (null, false);
    }

    private static string? PasswordOf(string basic)
    {
        Span<byte> bytes = stackalloc byte[1024];
        if (!Convert.TryFromBase64String(basic, bytes, out int length)) return null;
        string pair = Encoding.UTF8.GetString(bytes[..length]);
        int colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }

    private static bool IsCrossSite(HttpRequest request)
    {
        if (request.Headers.TryGetValue("sec-fetch-site", out var site) && site.ToString() is "cross-site" or "same-site") return !IsNavigation(request);
        string origin = request.Headers.Origin.ToString();
        return origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? from) && from.Authority == request.Host.Value);
    }

    /// <summary>Following a link to a page is no misuse: it reads nothing out and changes nothing.</summary>
    private static bool IsNavigation(HttpRequest request)
        => HttpMethods.IsGet(request.Method) && request.Headers["sec-fetch-mode"].ToString() == "navigate";
}

public static class CallerExtensions
{
    /// <summary>Who calls; set on every endpoint that is not public.</summary>
    public static ApiKey Caller(this HttpContext http)
        => http.Features.Get<ApiKey>() ?? throw new InvalidOperationException("The endpoint is public: it has no caller.");
}
