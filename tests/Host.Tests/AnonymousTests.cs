using System.Net;

namespace Cluster.Host.Tests;

/// <summary>Without keys: this machine is served, and only by itself.</summary>
public class AnonymousTests(HostProcess host) : IClassFixture<HostProcess>
{
    [Theory]
    [InlineData("host", "evil.example", HttpStatusCode.Unauthorized)]
    [InlineData("host", "localhost:80", HttpStatusCode.OK)]
    [InlineData("x-forwarded-for", "203.0.113.7", HttpStatusCode.Unauthorized)]
    [InlineData("origin", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("sec-fetch-site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("authorization", "Bearer any", HttpStatusCode.OK)]
    public async Task Get_Anonymous_IsForThisMachineItself(string header, string value, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.TryAddWithoutValidation(header, value);
        Assert.Equal(status, (await host.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Get_OwnOrigin_IsServed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add("Origin", host.Address);
        Assert.Equal(HttpStatusCode.OK, (await host.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task DevelopmentKey_IsPrintedAndAskedFor()
    {
        await using var keyed = new HostProcess();
        await keyed.StartAsync(new Dictionary<string, string> { ["Access__DevelopmentKey"] = "true" });
        await Task.Delay(200);
        Assert.Equal(HttpStatusCode.Unauthorized, (await keyed.Client.GetAsync(new Uri("/v1/models", UriKind.Relative))).StatusCode);
        string key = keyed.Output.Split("Bearer ")[1].Split('\'')[0];
        keyed.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        Assert.Equal(HttpStatusCode.OK, (await keyed.Client.GetAsync(new Uri("/admin", UriKind.Relative))).StatusCode);
    }
}
