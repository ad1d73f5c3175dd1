using System.Net;
using System.Text.Json;
using Cluster.OpenAI.Tests.Support;

namespace Cluster.OpenAI.Tests.Responses;

/// <summary>What a response repeats of its request, and what is told of it afterwards.</summary>
public class StoredResponseTests
{
    private const string Input = """[{"role":"user","content":"one"},{"role":"assistant","content":"two"},{"type":"message","id":"msg_mine","role":"user","content":[{"type":"input_text","text":"three"}]}]""";

    private static string TextOf(JsonElement item) => item.GetProperty("content")[0].GetProperty("text").GetString()!;

    [Fact]
    public async Task InputItems_AreWhole_NewestFirst()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        string path = await CreateAsync(server);
        JsonElement list = await server.GetJsonAsync(path);
        JsonElement[] items = [.. list.GetProperty("data").EnumerateArray()];
        Assert.Equal(["three", "two", "one"], items.Select(TextOf));
        Assert.Equal(["input_text", "output_text", "input_text"], items.Select(item => item.GetProperty("content")[0].GetProperty("type").GetString()));
        Assert.All(items, item => Assert.Equal(("message", "completed"), (item.GetProperty("type").GetString(), item.GetProperty("status").GetString())));
        Assert.Equal("msg_mine", list.GetProperty("first_id").GetString());
        Assert.Equal(items[^1].GetProperty("id").GetString(), list.GetProperty("last_id").GetString());
        Assert.False(list.GetProperty("has_more").GetBoolean());
    }

    [Fact]
    public async Task InputItems_InPages_ComeOnceEach()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        string path = await CreateAsync(server);
        foreach ((string order, string[] expected) in new[] { ("asc", new[] { "one", "two", "three" }), ("desc", ["three", "two", "one"]) })
        {
            var texts = new List<string>();
            string after = "";
            for (bool hasMore = true; hasMore;)
            {
                JsonElement page = await server.GetJsonAsync($"{path}?limit=1&order={order}{after}");
                texts.Add(TextOf(Assert.Single(page.GetProperty("data").EnumerateArray())));
                after = $"&after={page.GetProperty("last_id").GetString()}";
                hasMore = page.GetProperty("has_more").GetBoolean();
            }
            Assert.Equal(expected, texts);
            JsonElement past = await server.GetJsonAsync($"{path}?order={order}{after}");
            Assert.Equal((0, JsonValueKind.Null), (past.GetProperty("data").GetArrayLength(), past.GetProperty("first_id").ValueKind));
        }
    }

    [Theory]
    [InlineData("/input_items?limit=0", "limit")]
    [InlineData("/input_items?limit=101", "limit")]
    [InlineData("/input_items?limit=x", "limit")]
    [InlineData("/input_items?order=up", "order")]
    [InlineData("/input_items?after=item_none", "after")]
    [InlineData("?stream=true", "stream")]
    public async Task Get_WithABadQuery_Is400(string query, string param)
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        string path = (await CreateAsync(server))[..^"/input_items".Length];
        HttpResponseMessage response = await server.Client.GetAsync(new Uri(path + query, UriKind.Relative));
        JsonElement error = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("error");
        Assert.Equal((HttpStatusCode.BadRequest, param), (response.StatusCode, error.GetProperty("param").GetString()));
    }

    [Fact]
    public async Task Head_OfWhatCanBeRead_HasNoBody()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        string path = await CreateAsync(server);
        foreach (string one in new[] { path, path[..^"/input_items".Length], "/v1/models", "/v1/models/m" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, one);
            HttpResponseMessage response = await server.Client.SendAsync(request);
            Assert.Equal((HttpStatusCode.OK, ""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        }
    }

    [Fact]
    public async Task Response_RepeatsItsRequest()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        JsonElement reply = await server.PostJsonAsync("/v1/responses", """
            {"model":"m","input":"x","service_tier":"flex","text":{"verbosity":"low"},"prompt_cache_retention":"24h",
             "tools":[{"type":"function","name":"f","name":"g"},{"type":"custom","name":"c"},{"type":"function","name":"h","strict":true,"description":"d","parameters":{"type":"object"}}]}
            """);
        Assert.Equal(("flex", "low", "24h"), (reply.GetProperty("service_tier").GetString(), reply.GetProperty("text").GetProperty("verbosity").GetString(), reply.GetProperty("prompt_cache_retention").GetString()));
        Assert.Equal(
            """[{"type":"function","name":"g","description":null,"parameters":null,"strict":false},{"type":"custom","name":"c"},{"type":"function","name":"h","description":"d","parameters":{"type":"object"},"strict":true}]""",
            reply.GetProperty("tools").GetRawText());
        Assert.True(reply.GetProperty("completed_at").GetInt64() >= reply.GetProperty("created_at").GetInt64());
    }

    private static async Task<string> CreateAsync(EdgeServer server)
        => $"/v1/responses/{(await server.PostJsonAsync("/v1/responses", $$"""{"model":"m","input":{{Input}}}""")).GetProperty("id").GetString()}/input_items";
}
