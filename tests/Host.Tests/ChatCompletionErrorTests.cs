using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cluster.Host.Tests;

/// <summary>Bad requests: status, type, code and param; all four keys, always.</summary>
public class ChatCompletionErrorTests(HostProcess host) : IClassFixture<HostProcess>
{
    private const string Hi = """ "model":"cluster-extract-1","messages":[{"role":"user","content":"hi"}] """;

    public static TheoryData<string, int, string, string?> BadBodies => new()
    {
        { "", 400, "invalid_request", null },
        { "{", 400, "invalid_request", null },
        { "[]", 400, "invalid_request", null },
        { "null", 400, "invalid_request", null },
        { "\"text\"", 400, "invalid_request", null },
        { "{}", 400, "invalid_request", "model" },
        { """{"model":7,"messages":[]}""", 400, "invalid_request", "model" },
        { """{"model":"cluster-extract-1"}""", 400, "invalid_request", "messages" },
        { """{"model":"cluster-extract-1","messages":[]}""", 400, "invalid_request", "messages" },
        { """{"model":"cluster-extract-1","messages":"hi"}""", 400, "invalid_request", "messages" },
        { """{"model":"cluster-extract-1","messages":[7]}""", 400, "invalid_request", "messages[0]" },
        { """{"model":"cluster-extract-1","messages":[{"role":"wizard","content":"hi"}]}""", 400, "invalid_request", "messages[0].role" },
        { """{"model":"cluster-extract-1","messages":[{"role":"user"}]}""", 400, "invalid_request", "messages[0].content" },
        { """{"model":"cluster-extract-1","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}""", 400, "invalid_request", "messages[0].content[0].type" },
        { """{"model":"cluster-extract-1","messages":[{"role":"user","content":"\ud800"}]}""", 400, "invalid_request", "messages[0].content" },
        { """{"model":"none","messages":[{"role":"user","content":"hi"}]}""", 404, "model_not_found", "model" },
        { "{" + Hi + ",\"temperature\":3}", 400, "invalid_request", "temperature" },
        { "{" + Hi + ",\"temperature\":\"hot\"}", 400, "invalid_request", "temperature" },
        { "{" + Hi + ",\"top_p\":-0.1}", 400, "invalid_request", "top_p" },
        { "{" + Hi + ",\"n\":0}", 400, "invalid_request", "n" },
        { "{" + Hi + ",\"n\":9}", 400, "invalid_request", "n" },
        { "{" + Hi + ",\"max_tokens\":0}", 400, "invalid_request", "max_tokens" },
        { "{" + Hi + ",\"max_completion_tokens\":1.5}", 400, "invalid_request", "max_completion_tokens" },
        { "{" + Hi + ",\"seed\":\"x\"}", 400, "invalid_request", "seed" },
        { "{" + Hi + ",\"stream\":\"yes\"}", 400, "invalid_request", "stream" },
        { "{" + Hi + ",\"stream_options\":{\"include_usage\":true}}", 400, "invalid_request", "stream_options" },
        { "{" + Hi + ",\"stop\":[\"\"]}", 400, "invalid_request", "stop" },
        { "{" + Hi + ",\"stop\":7}", 400, "invalid_request", "stop" },
        { "{" + Hi + ",\"logit_bias\":{\"x\":1}}", 400, "invalid_request", "logit_bias" },
        { "{" + Hi + ",\"logit_bias\":{\"5\":101}}", 400, "invalid_request", "logit_bias.5" },
        { "{" + Hi + ",\"top_logprobs\":3}", 400, "invalid_request", "top_logprobs" },
        { "{" + Hi + ",\"logprobs\":true,\"top_logprobs\":21}", 400, "invalid_request", "top_logprobs" },
        { "{" + Hi + ",\"frobnicate\":1}", 400, "unknown_parameter", "frobnicate" },
        { "{" + Hi + ",\"tools\":[{\"type\":\"web_search\"}]}", 400, "unsupported_parameter", "tools[0].type" },
        { "{" + Hi + ",\"response_format\":\"json\"}", 400, "invalid_request", "response_format" },
        { "{" + Hi + ",\"response_format\":{}}", 400, "invalid_request", "response_format.type" },
        { "{" + Hi + ",\"response_format\":{\"type\":\"xml\"}}", 400, "invalid_request", "response_format.type" },
        { "{" + Hi + ",\"response_format\":{\"type\":\"json_schema\"}}", 400, "invalid_request", "response_format.json_schema" },
        { "{" + Hi + ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{}}}}", 400, "invalid_request", "response_format.json_schema.name" },
        { "{" + Hi + ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a b\",\"schema\":{}}}}", 400, "invalid_request", "response_format.json_schema.name" },
        { "{" + Hi + ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\"}}}", 400, "invalid_request", "response_format.json_schema.schema" },
        { "{" + Hi + ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":7}}}", 400, "invalid_request", "response_format.json_schema.schema" },
        { "{" + Hi + ",\"structured_output\":{\"order\":\"random\"}}", 400, "invalid_request", "structured_output.order" },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task Post_BadBody_IsATypedError(string body, int status, string code, string? param)
        => await AssertErrorAsync(await host.Client.PostRawAsync(body), status, code, param);

    public static TheoryData<string, string, string> BadSchemas => new()
    {
        { """{"type":"strnig"}""", "invalid_request", "" },
        { """{"$ref":"#/$defs/missing"}""", "invalid_request", "/$ref" },
        { """{"type":"string","pattern":"("}""", "invalid_request", "/pattern" },
        { """{"type":"string","format":"idn-hostname"}""", "unsupported_schema_keyword", "/format" },
        { """{"type":"string","minLength":5,"maxLength":4}""", "invalid_json_schema", "" },
        { """{"enum":[]}""", "invalid_json_schema", "" },
        { "false", "invalid_json_schema", "" },
        { """{"type":"object","properties":{"a":{"type":"array","minItems":2,"items":{"$ref":"#/$defs/no"}}},"required":["a"],"$defs":{"no":{"minimum":2,"maximum":1,"type":"number"}}}""", "invalid_json_schema", "/$defs/no" },
        { """{"$ref":"#"}""", "invalid_json_schema", "" },
    };

    [Theory]
    [MemberData(nameof(BadSchemas))]
    public async Task Post_BadSchema_IsRefusedWithItsPlace(string schema, string code, string pointer)
    {
        JsonElement error = await AssertErrorAsync(await host.Client.PostAsync(Requests.Chat("hi").WithSchema(schema)), 400, code, "response_format");
        string[] pointers = [.. error.GetProperty("details").EnumerateArray().Select(detail => detail.GetProperty("pointer").GetString()!)];
        Assert.Contains(pointers, one => one.StartsWith(pointer, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(9, false)]
    public async Task Post_SchemaDepth_IsCapped(int depth, bool isAccepted)
    {
        string schema = """{"type":"boolean"}""";
        for (int level = 1; level < depth; level++) schema = $$"""{"type":"object","properties":{"a":{{schema}}},"required":["a"],"additionalProperties":false}""";
        await AssertCapAsync(schema, isAccepted, "response_format_too_deep");
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public async Task Post_SchemaProperties_AreCapped(int count, bool isAccepted)
    {
        string properties = string.Join(",", Enumerable.Range(0, count).Select(i => $"\"p{i}\":{{\"type\":\"boolean\"}}"));
        await AssertCapAsync("{\"type\":\"object\",\"properties\":{" + properties + "},\"additionalProperties\":false}", isAccepted, "response_format_too_large");
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public async Task Post_EnumValues_AreCapped(int count, bool isAccepted)
        => await AssertCapAsync($"{{\"enum\":[{string.Join(",", Enumerable.Range(0, count))}]}}", isAccepted, "response_format_too_large");

    [Theory]
    [InlineData(131_072, true)]
    [InlineData(131_073, false)]
    public async Task Post_SchemaBytes_AreCapped(int bytes, bool isAccepted)
    {
        const string frame = """{"type":"boolean","description":""}""";
        string schema = frame.Insert(frame.Length - 2, new string('x', bytes - frame.Length));
        await AssertCapAsync(schema, isAccepted, "response_format_too_large");
    }

    [Fact]
    public async Task Post_BudgetBelowTheSmallestDocument_IsRefusedBeforeDecoding()
        => await AssertErrorAsync(
            await host.Client.PostAsync(Requests.Chat("hi").WithSchema(Requests.PersonSchema).With("max_tokens", 3)), 400, "max_tokens_too_small", "max_tokens");

    [Fact]
    public async Task Post_PromptPastTheContext_IsRefused()
        => await AssertErrorAsync(await host.Client.PostAsync(Requests.Chat(new string('x', 100_000))), 400, "context_length_exceeded", "messages");

    [Fact]
    public async Task Post_BodyPastTheBound_Is413()
    {
        // Asks before it sends: the server answers by the length alone and does not read the rest.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new ByteArrayContent(new byte[9 << 20]) };
        request.Headers.ExpectContinue = true;
        await AssertErrorAsync(await host.Client.SendAsync(request), 413, "request_too_large", null);
    }

    [Fact]
    public async Task Get_UnknownPath_Is404() => await AssertErrorAsync(await host.Client.GetAsync(new Uri("/v1/nothing", UriKind.Relative)), 404, "unknown_url", null);

    [Fact]
    public async Task Get_OnAPostPath_Is405()
        => await AssertErrorAsync(await host.Client.GetAsync(new Uri("/v1/chat/completions", UriKind.Relative)), 405, "method_not_allowed", null);

    private async Task AssertCapAsync(string schema, bool isAccepted, string code)
    {
        JsonObject body = Requests.Chat("hi").WithSchema(schema).With("max_tokens", 900);
        HttpResponseMessage response = await host.Client.PostAsync(body);
        if (isAccepted) Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        else await AssertErrorAsync(response, 400, code, "response_format");
    }

    private static async Task<JsonElement> AssertErrorAsync(HttpResponseMessage response, int status, string code, string? param)
    {
        JsonElement error = (await response.JsonAsync()).GetProperty("error");
        Assert.Equal((status, code, param), ((int)response.StatusCode, error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.True(response.Headers.Contains("x-request-id"));
        return error;
    }
}
