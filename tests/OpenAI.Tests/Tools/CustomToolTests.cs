using System.Text.Json;
using System.Text.RegularExpressions;
using Cluster.OpenAI.Tests.Support;
using Cluster.Serving.Tools;

namespace Cluster.OpenAI.Tests.Tools;

/// <summary>Custom tools: their input is text, or what a pattern or a Lark grammar allows, in every family, on both endpoints, streamed and not.</summary>
public partial class CustomToolTests
{
    private const string Chat = "/v1/chat/completions", Responses = "/v1/responses";
    private const string Pattern = """{"type":"grammar","grammar":{"syntax":"regex","definition":"[A-Z]{2}-[0-9]{1,3}"}}""";
    private const string Lark = """{"type":"grammar","grammar":{"syntax":"lark","definition":"start: item (\"+\" item)*\nitem: NUMBER | \"(\" start \")\"\nNUMBER: /[0-9]{1,3}/"}}""";
    private const string Text = """{"type":"text"}""";

    /// <summary>Family, format, an input that it allows as the model writes it, and as the caller gets it.</summary>
    public static TheoryData<string, string, string, string> Inputs
    {
        get
        {
            var rows = new TheoryData<string, string, string, string>();
            foreach (string family in new[] { "plain", "qwen2_5", "llama3", "mistral", "phi4", "deepseek" })
            {
                rows.Add(family, Pattern, "AB-12", "AB-12");
                rows.Add(family, Lark, "(1+22)+3", "(1+22)+3");
                rows.Add(family, Text, "\"ls \\\"a\\\"\\n\"", "ls \"a\"\n");
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Inputs))]
    public async Task Call_OfEachFormat_CarriesItsInput(string family, string format, string written, string input)
    {
        (EdgeServer started, ToolDialect dialect) = await StartAsync(family);
        await using EdgeServer server = started;
        server.Replica.Says = _ => dialect.Open + dialect.BeginOf("run") + written + dialect.CallEnd + dialect.Close;
        foreach (string choice in new[] { "\"required\"", "\"auto\"", """{"type":"custom","custom":{"name":"run"}}""", """{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"custom","custom":{"name":"run"}}]}}""" })
        {
            JsonElement reply = (await server.PostJsonAsync(Chat, ChatBody(format, choice))).GetProperty("choices")[0];
            JsonElement call = reply.GetProperty("message").GetProperty("tool_calls")[0];
            Assert.Equal(("tool_calls", "custom"), (reply.GetProperty("finish_reason").GetString(), call.GetProperty("type").GetString()));
            Assert.Equal(("run", input), (call.GetProperty("custom").GetProperty("name").GetString(), call.GetProperty("custom").GetProperty("input").GetString()));
        }
        string streamed = string.Concat((await server.StreamAsync(Chat, ChatBody(format, "\"required\""))).SkipLast(1)
            .Select(one => one.Data.GetProperty("choices")[0].GetProperty("delta"))
            .Where(delta => delta.TryGetProperty("tool_calls", out _))
            .Select(delta => delta.GetProperty("tool_calls")[0].GetProperty("custom").GetProperty("input").GetString()));
        Assert.Equal(input, streamed);
    }

    [Theory]
    [MemberData(nameof(Inputs))]
    public async Task Responses_OfEachFormat_CarryItsInput(string family, string format, string written, string input)
    {
        (EdgeServer started, ToolDialect dialect) = await StartAsync(family);
        await using EdgeServer server = started;
        server.Replica.Says = _ => dialect.Open + dialect.BeginOf("run") + written + dialect.CallEnd + dialect.Close;
        string body = ResponsesBody(format);
        JsonElement item = (await server.PostJsonAsync(Responses, body)).GetProperty("output").EnumerateArray().Last();
        Assert.Equal(("custom_tool_call", "run", input), (item.GetProperty("type").GetString(), item.GetProperty("name").GetString(), item.GetProperty("input").GetString()));
        List<(string Name, JsonElement Data)> events = await server.StreamAsync(Responses, body);
        Assert.Equal(input, string.Concat(events.Where(one => one.Name == "response.custom_tool_call_input.delta").Select(one => one.Data.GetProperty("delta").GetString())));
        Assert.Equal(input, events.Single(one => one.Name == "response.custom_tool_call_input.done").Data.GetProperty("input").GetString());
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("mistral")]
    [InlineData("deepseek")]
    public async Task Noise_UnderEachFormat_WritesOnlyWhatItAllows(string family)
    {
        await using EdgeServer server = await EdgeServer.StartAsync(EdgeServer.Template(family), isRandom: true);
        for (int seed = 0; seed < 3; seed++)
        {
            Assert.Matches(Code(), await InputAsync(Pattern, seed));
            string sum = await InputAsync(Lark, seed);
            Assert.Matches(Sum(), sum);
            Assert.Equal(sum.Count(c => c == '('), sum.Count(c => c == ')'));
        }

        async Task<string> InputAsync(string format, int seed)
        {
            JsonElement reply = await server.PostJsonAsync(Chat, ChatBody(format, "\"required\"", $",\"seed\":{seed},\"max_tokens\":160,\"parallel_tool_calls\":false"));
            return reply.GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls")[0].GetProperty("custom").GetProperty("input").GetString()!;
        }
    }

    [Theory]
    [InlineData("""{"type":"grammar","grammar":{"syntax":"regex","definition":"["}}""", "invalid_request")]
    [InlineData("""{"type":"grammar","grammar":{"syntax":"lark","definition":"start: missing"}}""", "invalid_request")]
    [InlineData("""{"type":"grammar","grammar":{"syntax":"regex","definition":"(?<a>x)\\k<a>"}}""", "unsupported_schema_keyword")]
    public async Task Grammar_ThatIsNone_IsRefusedByTheToolsName(string format, string code)
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        HttpResponseMessage response = await server.PostAsync(Chat, ChatBody(format, "\"auto\""));
        JsonElement error = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("error");
        Assert.Equal((400, code), ((int)response.StatusCode, error.GetProperty("code").GetString()));
        Assert.Contains("'run'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("tools[0].custom", error.GetProperty("param").GetString(), StringComparison.Ordinal);
    }

    private static async Task<(EdgeServer Server, ToolDialect Dialect)> StartAsync(string family)
    {
        string template = EdgeServer.Template(family);
        return (await EdgeServer.StartAsync(template), ToolDialect.Of(template));
    }

    private static string ChatBody(string format, string choice, string more = "") => $$"""
        {"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"custom","custom":{"name":"run","description":"Runs.","format":{{format}} } }],"tool_choice":{{choice}}{{more}}}
        """;

    /// <summary>The same tool, flattened as this endpoint has it.</summary>
    private static string ResponsesBody(string format)
    {
        JsonElement read = JsonSerializer.Deserialize<JsonElement>(format);
        string flat = read.TryGetProperty("grammar", out JsonElement grammar)
            ? $$"""{"type":"grammar","syntax":{{grammar.GetProperty("syntax").GetRawText()}},"definition":{{grammar.GetProperty("definition").GetRawText()}}}"""
            : format;
        return $$"""{"model":"m","input":"x","tools":[{"type":"custom","name":"run","format":{{flat}} }],"tool_choice":"required"}""";
    }

    [GeneratedRegex("^[A-Z]{2}-[0-9]{1,3}$")]
    private static partial Regex Code();

    [GeneratedRegex(@"^[0-9()+]+$")]
    private static partial Regex Sum();
}
