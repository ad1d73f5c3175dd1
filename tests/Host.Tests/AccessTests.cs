using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Cluster.OpenAI.Access;

namespace Cluster.Host.Tests;

/// <summary>A server with keys, as a process of its own.</summary>
public sealed class KeyedHost : IAsyncLifetime
{
    public const string User = "sk-cluster-user", Admin = "sk-cluster-admin", Slow = "sk-cluster-slow", Single = "sk-cluster-single", Other = "sk-cluster-other", Poor = "sk-cluster-poor";

    public HostProcess Host { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var environment = new Dictionary<string, string>();
        Add(environment, 0, "user", User);
        Add(environment, 1, "admin", Admin, ("IsAdmin", "true"));
        Add(environment, 2, "slow", Slow, ("RequestsPerMinute", "2"));
        Add(environment, 3, "single", Single, ("StreamsMax", "1"));
        Add(environment, 4, "other", Other, ("Models__0", "some-other-model"));
        Add(environment, 5, "poor", Poor, ("TokensPerMinute", "100"));
        await Host.StartAsync(environment);
    }

    private static void Add(Dictionary<string, string> environment, int index, string id, string key, params (string Name, string Value)[] settings)
    {
        environment[$"Access__Keys__{index}__Id"] = id;
        environment[$"Access__Keys__{index}__Hash"] = ApiKey.HashOf(key);
        foreach ((string name, string value) in settings) environment[$"Access__Keys__{index}__{name}"] = value;
    }

    public async Task<HttpResponseMessage> SendAsync(string? key, HttpMethod method, string path, string? body = null, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        using var request = new HttpRequestMessage(method, path);
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await Host.Client.SendAsync(request, completion);
    }

    public Task<HttpResponseMessage> ChatAsync(string? key, bool isStreamed = false, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
        => SendAsync(key, HttpMethod.Post, "/v1/chat/completions", Requests.Chat(Requests.JaneDoe).WithSchema(Requests.PersonSchema).With("stream", isStreamed).ToJsonString(), completion);

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

/// <summary>Who may do what, and how much.</summary>
public class AccessTests(KeyedHost keyed) : IClassFixture<KeyedHost>
{
    [Theory]
    [InlineData("/health/live", 200)]
    [InlineData("/health/ready", 200)]
    [InlineData("/v1/models", 401)]
    [InlineData("/v1/models/cluster-extract-1", 401)]
    [InlineData("/v1/usage", 401)]
    [InlineData("/v1/chat/completions", 401)]
    [InlineData("/v1/nothing", 401)]
    [InlineData("/admin", 401)]
    [InlineData("/admin/events", 401)]
    [InlineData("/admin/assets/dashboard.js", 401)]
    [InlineData("/metrics", 401)]
    [InlineData("/", 401)]
    public async Task Get_WithoutAKey_IsForHealthOnly(string path, int status) => Assert.Equal(status, (int)(await keyed.SendAsync(null, HttpMethod.Get, path)).StatusCode);

    [Theory]
    [InlineData("/health/live", 200)]
    [InlineData("/health/ready", 200)]
    [InlineData("/v1/models", 401)]
    public async Task Head_IsWhatGetIs_WithoutItsBody(string path, int status)
    {
        HttpResponseMessage response = await keyed.SendAsync(null, HttpMethod.Head, path);
        Assert.Equal((status, ""), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sk-cluster-userr")]
    [InlineData("sk-cluster-use")]
    public async Task Chat_WithoutAValidKey_Is401WithAllFourKeys(string? key)
    {
        HttpResponseMessage response = await keyed.ChatAsync(key);
        JsonElement error = (await response.JsonAsync()).GetProperty("error");
        Assert.Equal((401, "invalid_api_key", "invalid_request_error"), ((int)response.StatusCode, error.GetProperty("code").GetString(), error.GetProperty("type").GetString()));
        Assert.Equal(JsonValueKind.Null, error.GetProperty("param").ValueKind);
        Assert.True(response.Headers.Contains("x-request-id"));
        Assert.NotEmpty(response.Headers.WwwAuthenticate);
    }

    [Fact]
    public async Task Chat_WithAKey_IsServed_UnderEitherHeader()
    {
        Assert.Equal(HttpStatusCode.OK, (await keyed.ChatAsync(KeyedHost.User)).StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add("api-key", KeyedHost.User);
        Assert.Equal(HttpStatusCode.OK, (await keyed.Host.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Admin_IsForAdmins_AndBrowsersUseBasic()
    {
        Assert.Equal(HttpStatusCode.Forbidden, (await keyed.SendAsync(KeyedHost.User, HttpMethod.Get, "/admin")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await keyed.SendAsync(KeyedHost.Admin, HttpMethod.Get, "/admin")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await BasicAsync(KeyedHost.Admin)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await BasicAsync("wrong")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await BasicAsync(KeyedHost.Admin, "https://evil.example")).StatusCode);
    }

    [Fact]
    public async Task Chat_AnothersModel_Is403_AndIsNotListed()
    {
        HttpResponseMessage response = await keyed.ChatAsync(KeyedHost.Other);
        Assert.Equal((403, "model_not_allowed"), ((int)response.StatusCode, (await response.JsonAsync()).GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal(0, (await (await keyed.SendAsync(KeyedHost.Other, HttpMethod.Get, "/v1/models")).JsonAsync()).GetProperty("data").GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, (await keyed.SendAsync(KeyedHost.Other, HttpMethod.Get, "/v1/models/cluster-extract-1")).StatusCode);
    }

    [Fact]
    public async Task Chat_PastRequestsPerMinute_Is429WithItsHeaders()
    {
        HttpResponseMessage first = await keyed.ChatAsync(KeyedHost.Slow);
        Assert.Equal(("2", "1"), (first.Headers.GetValues("x-ratelimit-limit-requests").Single(), first.Headers.GetValues("x-ratelimit-remaining-requests").Single()));
        Assert.Equal(HttpStatusCode.OK, (await keyed.ChatAsync(KeyedHost.Slow)).StatusCode);
        HttpResponseMessage refused = await keyed.ChatAsync(KeyedHost.Slow);
        JsonElement error = (await refused.JsonAsync()).GetProperty("error");
        Assert.Equal((429, "rate_limit_exceeded", "requests"), ((int)refused.StatusCode, error.GetProperty("code").GetString(), error.GetProperty("type").GetString()));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 31);
        Assert.Equal("0", refused.Headers.GetValues("x-ratelimit-remaining-requests").Single());
        Assert.True(refused.Headers.Contains("x-ratelimit-reset-requests"));
    }

    [Fact]
    public async Task Chat_PastTokensPerMinute_WaitsForTheDebt()
    {
        Assert.Equal(HttpStatusCode.OK, (await keyed.ChatAsync(KeyedHost.Poor)).StatusCode);
        HttpResponseMessage refused = await keyed.ChatAsync(KeyedHost.Poor);
        Assert.Equal((429, "tokens"), ((int)refused.StatusCode, (await refused.JsonAsync()).GetProperty("error").GetProperty("type").GetString()));
    }

    [Fact]
    public async Task Chat_PastStreamsMax_Is429UntilTheFirstEnds()
    {
        string body = Requests.Chat("Tell me everything.").With("stream", true).With("temperature", 2)
            .WithSchema("""{"type":"array","items":{"type":"string","minLength":40,"maxLength":60},"minItems":12,"maxItems":12}""").ToJsonString();
        using (HttpResponseMessage open = await keyed.SendAsync(KeyedHost.Single, HttpMethod.Post, "/v1/chat/completions", body, HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal(HttpStatusCode.OK, open.StatusCode);
            Assert.Equal(HttpStatusCode.TooManyRequests, (await keyed.ChatAsync(KeyedHost.Single)).StatusCode);
        }
        HttpStatusCode status = 0;
        for (int attempt = 0; attempt < 50 && status != HttpStatusCode.OK; attempt++)
        {
            status = (await keyed.ChatAsync(KeyedHost.Single)).StatusCode;
            if (status != HttpStatusCode.OK) await Task.Delay(100);
        }
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task Usage_IsOnesOwn_AndEverybodysForAnAdmin()
    {
        await keyed.ChatAsync(KeyedHost.User);
        await keyed.ChatAsync(KeyedHost.Admin);
        JsonElement[] own = [.. (await (await keyed.SendAsync(KeyedHost.User, HttpMethod.Get, "/v1/usage")).JsonAsync()).GetProperty("data").EnumerateArray()];
        Assert.All(own, usage => Assert.Equal("user", usage.GetProperty("key").GetString()));
        Assert.True(own.Single().GetProperty("completion_tokens").GetInt64() > 0);
        JsonElement all = await (await keyed.SendAsync(KeyedHost.Admin, HttpMethod.Get, "/v1/usage")).JsonAsync();
        Assert.Contains(all.GetProperty("data").EnumerateArray(), usage => usage.GetProperty("key").GetString() == "user");
        Assert.Contains(all.GetProperty("data").EnumerateArray(), usage => usage.GetProperty("key").GetString() == "admin");
    }

    [Fact]
    public async Task Responses_CarrySecurityHeaders_AndNoServerName()
    {
        HttpResponseMessage response = await keyed.SendAsync(KeyedHost.User, HttpMethod.Get, "/v1/models");
        foreach (string header in new[] { "x-content-type-options", "x-frame-options", "referrer-policy", "content-security-policy" }) Assert.True(response.Headers.Contains(header), header);
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.False(response.Headers.Contains("server"));
    }

    [Fact]
    public void Output_HoldsNoKeyAndNoPrompt()
    {
        Assert.DoesNotContain("sk-cluster-", keyed.Host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Jane", keyed.Host.Output.Replace("Jane Doe lives in Berlin", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> BasicAsync(string key, string? origin = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"admin:{key}")));
        if (origin is not null) request.Headers.Add("Origin", origin);
        return await keyed.Host.Client.SendAsync(request);
    }
}
