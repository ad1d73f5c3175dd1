using System.Net;
using Microsoft.AspNetCore.Http;

namespace Cluster.OpenAI.Access;

/// <summary>What a caller without a key is, where no keys are configured.</summary>
/// <param name="IsRemoteAllowed">Other machines are served too (<c>Cluster:AllowAnonymous</c>); they are never admins.</param>
public sealed record AnonymousPolicy(bool IsRemoteAllowed)
{
    private static readonly ApiKey LocalCaller = ApiKey.Anonymous(isAdmin: true);
    private static readonly ApiKey RemoteCaller = ApiKey.Anonymous(isAdmin: false);

    /// <summary>The caller, or null where it must have a key.</summary>
    public ApiKey? CallerOf(HttpContext http)
        => IsLocal(http) ? LocalCaller : IsRemoteAllowed ? RemoteCaller : null;

    /// <summary>On this machine, by itself and under a name that is surely this machine's: not through a proxy, and not by a web page
    /// whose host name was bent to point here.</summary>
    private static bool IsLocal(HttpContext http)
        => http.Connection is { RemoteIpAddress: { } remote, LocalIpAddress: { } local } && IPAddress.IsLoopback(remote) && IPAddress.IsLoopback(local)
            && !http.Request.Headers.ContainsKey("x-forwarded-for") && !http.Request.Headers.ContainsKey("forwarded")
            && (http.Request.Host.Host is "" or "localhost" || IPAddress.TryParse(http.Request.Host.Host.Trim('[', ']'), out _));
}
