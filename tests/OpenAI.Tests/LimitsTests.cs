using System.Text.Json;
using Cluster.OpenAI.Tests.Support;

namespace Cluster.OpenAI.Tests;

/// <summary>Each bound of a request: what is at it is served, what is one past it is refused.</summary>
public class LimitsTests
{
    private const string Chat = "/v1/chat/completions";

    /// <summary>Option, its value here, the body at the bound, the body past it, and its status and code.</summary>
    public static TheoryData<string, int, string, string, int, string> Bounds
    {
        get
        {
            var rows = new TheoryData<string, int, string, string, int, string>();
            void Add(string option, int bound, Func<int, string> more, string code = "invalid_request", int status = 400)
                => rows.Add(option, bound, Body(more(bound)), Body(more(bound + 1)), status, code);

            string Schema(string schema) => $",\"response_format\":{{\"type\":\"json_schema\",\"json_schema\":{{\"name\":\"x\",\"schema\":{schema}}}}}";
            int rest = Body(",\"user\":\"\"").Length;
            Add(nameof(OpenAIOptions.BodyBytesMax), 1000, count => $",\"user\":\"{new string('u', count - rest)}\"", "request_too_large", 413);
            Add(nameof(OpenAIOptions.BodyDepthMax), 9, depth => $",\"prompt_cache_options\":{{\"a\":{Repeat("[", depth - 2)}{Repeat("]", depth - 2)}}}");
            Add(nameof(OpenAIOptions.ChoicesMax), 2, count => $",\"n\":{count}");
            Add(nameof(OpenAIOptions.StopStringsMax), 2, count => $",\"stop\":[{List("\"s\"", count)}]");
            Add(nameof(OpenAIOptions.StopStringCharactersMax), 5, length => $",\"stop\":\"{Repeat("s", length)}\"");
            Add(nameof(OpenAIOptions.CacheKeyCharactersMax), 5, length => $",\"prompt_cache_key\":\"{Repeat("k", length)}\"");
            Add(nameof(OpenAIOptions.ToolsMax), 2, count => $",\"tools\":[{string.Join(',', Enumerable.Range(0, count).Select(n => $"{{\"type\":\"function\",\"function\":{{\"name\":\"f{n}\"}}}}"))}]");
            Add(nameof(OpenAIOptions.SchemaDepthMax), 2, depth => Schema(Repeat("{\"items\":", depth - 1) + "{}" + Repeat("}", depth - 1)), "response_format_too_deep");
            Add(nameof(OpenAIOptions.SchemaBytesMax), 100, bytes => Schema($"{{\"title\":\"{Repeat("t", bytes - 12)}\"}}"), "response_format_too_large");
            Add(nameof(OpenAIOptions.SchemaPropertiesMax), 2, count => Schema($"{{\"properties\":{{{string.Join(',', Enumerable.Range(0, count).Select(n => $"\"p{n}\":{{}}"))}}}}}"), "response_format_too_large");
            Add(nameof(OpenAIOptions.SchemaEnumValuesMax), 2, count => Schema($"{{\"enum\":[{string.Join(',', Enumerable.Range(0, count))}]}}"), "response_format_too_large");
            rows.Add(nameof(OpenAIOptions.MessagesMax), 2, Messages(2), Messages(3), 400, "invalid_request");
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Bounds))]
    public async Task Request_AtTheBound_IsServed_OnePastIt_IsRefused(string option, int bound, string at, string past, int status, string code)
    {
        await using EdgeServer server = await EdgeServer.StartAsync(isRandom: true, configure: options => typeof(OpenAIOptions).GetProperty(option)!.SetValue(options, Convert.ChangeType(bound, typeof(OpenAIOptions).GetProperty(option)!.PropertyType, null)));
        HttpResponseMessage served = await server.PostAsync(Chat, at);
        Assert.True(served.IsSuccessStatusCode, await served.Content.ReadAsStringAsync());
        HttpResponseMessage refused = await server.PostAsync(Chat, past);
        JsonElement error = JsonSerializer.Deserialize<JsonElement>(await refused.Content.ReadAsStringAsync()).GetProperty("error");
        Assert.Equal((status, code), ((int)refused.StatusCode, error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Prompts_AtTheBoundAndPastIt()
    {
        await using EdgeServer server = await EdgeServer.StartAsync(configure: options => options.PromptsMax = 2);
        Assert.Equal(2, (await server.PostJsonAsync("/v1/completions", """{"model":"m","prompt":["a","b"]}""")).GetProperty("choices").GetArrayLength());
        Assert.Equal(400, (int)(await server.PostAsync("/v1/completions", """{"model":"m","prompt":["a","b","c"]}""")).StatusCode);
    }

    private static string Body(string more) => $"{{\"model\":\"m\",\"max_tokens\":100,\"messages\":[{{\"role\":\"user\",\"content\":\"x\"}}]{more}}}";

    private static string Messages(int count) => $"{{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{List("{\"role\":\"user\",\"content\":\"x\"}", count)}]}}";

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static string List(string item, int count) => string.Join(',', Enumerable.Repeat(item, count));
}
