using System.Net;

namespace Cluster.Host.Tests;

/// <summary>Pages of other sites: only those of the allowed origins, and only the API.</summary>
public sealed class AllowedOriginsTests : IAsyncLifetime
{
    private const string App = "https://app.example", Evil = "https://evil.example";

    private readonly HostProcess _host = new();

    public async ValueTask InitializeAsync() => await _host.StartAsync(new Dictionary<string, string> { ["Access__AllowedOrigins"] = $"http://localhost:3000;{App}" });

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Preflight_OfAnAllowedOrigin_IsAnswered()
    {
        HttpResponseMessage allowed = await AskAsync(HttpMethod.Options, "/v1/chat/completions", App);
        Assert.Equal(HttpStatusCode.NoContent, allowed.StatusCode);
        Assert.Equal([App], allowed.Headers.GetValues("access-control-allow-origin"));
        Assert.Equal(["authorization,content-type"], allowed.Headers.GetValues("access-control-allow-headers"));
        Assert.False((await AskAsync(HttpMethod.Options, "/v1/chat/completions", Evil)).Headers.Contains("access-control-allow-origin"));
    }

    [Theory]
    [InlineData("/v1/models", App, HttpStatusCode.OK)]
    [InlineData("/v1/models", "http://localhost:3000", HttpStatusCode.OK)]
    [InlineData("/v1/models", Evil, HttpStatusCode.Forbidden)]
    [InlineData("/v1/models", "null", HttpStatusCode.Forbidden)]
    [InlineData("/admin", App, HttpStatusCode.Forbidden)]
    public async Task Get_FromAPageOfAnotherSite_IsForAllowedOriginsAndTheApi(string path, string origin, HttpStatusCode status)
    {
        HttpResponseMessage response = await AskAsync(HttpMethod.Get, path, origin);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(status == HttpStatusCode.OK, response.Headers.Contains("access-control-allow-origin"));
        if (status == HttpStatusCode.OK) Assert.Contains("x-request-id", string.Join(',', response.Headers.GetValues("access-control-expose-headers")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithWhatIsNoOrigin_NamesTheSetting()
    {
        await using var host = new HostProcess();
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await host.StartAsync(new Dictionary<string, string> { ["Access__AllowedOrigins"] = "app.example" }));
        Assert.Contains("Access:AllowedOrigins", exception.Message, StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, string origin)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("origin", origin);
        request.Headers.Add("sec-fetch-site", "cross-site");
        if (method == HttpMethod.Options)
        {
            request.Headers.Add("access-control-request-method", "POST");
            request.Headers.Add("access-control-request-headers", "authorization,content-type");
        }
        return await _host.Client.SendAsync(request);
    }
}
