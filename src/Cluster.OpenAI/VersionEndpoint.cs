using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace Cluster.OpenAI;

/// <summary><c>GET /version</c>.</summary>
public static class VersionEndpoint
{
    private static readonly string Version = typeof(VersionEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static Task HandleAsync(HttpContext http) => JsonText.AnswerAsync(http, StatusCodes.Status200OK, Version, static (json, version) =>
    {
        json.WriteStartObject();
        json.WriteString("version", version);
        json.WriteEndObject();
    }, http.RequestAborted);
}
