namespace Cluster.Host.Http;

/// <summary>What browsers are told about every answer; pages may loosen it for themselves.</summary>
internal static class SecurityHeaders
{
    private const string OneYear = "max-age=31536000";

    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use(static (http, next) =>
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["referrer-policy"] = "no-referrer";
        headers["cross-origin-resource-policy"] = "same-origin";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers.CacheControl = "no-store";
        if (http.Request.IsHttps) headers.StrictTransportSecurity = OneYear;
        return next(http);
    });
}
