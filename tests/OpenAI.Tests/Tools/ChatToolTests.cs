using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.OpenAI.Tests.Support;
using Cluster.Serving.Tools;

namespace Cluster.OpenAI.Tests.Tools;

/// <summary>Tools of chat completions: constrained in each family's form, and read by the automaton that constrained them.</summary>
public class ChatToolTests
{
    private const string Weather = """{"type":"function","function":{"name":"weather","description":"Weather of a city.","strict":true,"parameters":{"type":"object","properties":{"city":{"type":"string","maxLength":12},"days":{"type":"integer","minimum":1,"maximum":9}},"required":["city","days"],"additionalProperties":false}}}""";
    private const string Add = """{"type":"function","function":{"name":"add","parameters":{"type":"object","properties":{"a":{"type":"integer","minimum":0,"maximum":99}},"required":["a"],"additionalProperties":false}}}""";

    public static TheoryData<string> Families => ["plain", "qwen2_5", "qwen3", "llama3", "mistral", "phi4", "deepseek"];

    private static string Body(string tools, string more = "") => $$"""{"model":"m","messages":[{"role":"user","content":"What is the weather in Oslo?"}],"tools":[{{tools}}]{{more}}}""";

    /// <summary>Two calls (or one, where the family has but one) in a family's own spelling.</summary>
    private static string Spelled(ToolDialect dialect)
    {
        string first = dialect.BeginOf("weather") + """{"city": "Oslo", "days": 3}""" + dialect.CallEnd;
        string second = dialect.BeginOf("add") + """{"a": 7}""" + dialect.CallEnd;
        return dialect.Open + (dialect.IsSingle ? first : first + dialect.Separator + second) + dialect.Close;
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Required_EachFamily_GivesItsCalls(string family)
    {
        string template = EdgeServer.Template(family);
        ToolDialect dialect = ToolDialect.Of(template);
        await using EdgeServer server = await EdgeServer.StartAsync(template);
        server.Replica.Says = _ => Spelled(dialect);
        JsonElement choice = (await server.PostJsonAsync("/v1/chat/completions", Body($"{Weather},{Add}", ""","tool_choice":"required" """))).GetProperty("choices")[0];
        JsonElement message = choice.GetProperty("message");
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(JsonValueKind.Null, message.GetProperty("content").ValueKind);
        JsonElement[] calls = [.. message.GetProperty("tool_calls").EnumerateArray()];
        Assert.Equal(dialect.IsSingle ? 1 : 2, calls.Length);
        Assert.Equal(("weather", """{"city": "Oslo", "days": 3}"""), NameAndArguments(calls[0]));
        if (!dialect.IsSingle) Assert.Equal(("add", """{"a": 7}"""), NameAndArguments(calls[1]));
        Assert.Equal(calls.Length, calls.Select(call => call.GetProperty("id").GetString()).Distinct().Count());
        Assert.Contains("weather", server.Replica.Prompts[0], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Streamed_EachFamily_DeltasAddUpToTheSameCalls(string family)
    {
        string template = EdgeServer.Template(family);
        ToolDialect dialect = ToolDialect.Of(template);
        await using EdgeServer server = await EdgeServer.StartAsync(template);
        server.Replica.Says = _ => Spelled(dialect);
        List<(string, JsonElement Data)> events = await server.StreamAsync("/v1/chat/completions", Body($"{Weather},{Add}", ""","tool_choice":"required" """));
        Assert.Equal("[DONE]", events[^1].Data.GetString());
        JsonElement[] choices = [.. events.SkipLast(1).Select(one => one.Data.GetProperty("choices")[0])];
        Assert.Equal("tool_calls", choices[^1].GetProperty("finish_reason").GetString());
        var arguments = new SortedDictionary<int, StringBuilder>();
        var names = new SortedDictionary<int, string>();
        foreach (JsonElement call in choices.Where(choice => choice.GetProperty("delta").TryGetProperty("tool_calls", out _)).Select(choice => choice.GetProperty("delta").GetProperty("tool_calls")[0]))
        {
            int index = call.GetProperty("index").GetInt32();
            JsonElement function = call.GetProperty("function");
            if (call.TryGetProperty("id", out _))
            {
                Assert.Equal("function", call.GetProperty("type").GetString());
                names.Add(index, function.GetProperty("name").GetString()!);
                arguments.Add(index, new StringBuilder());
            }
            else
            {
                Assert.False(call.TryGetProperty("type", out _) || function.TryGetProperty("name", out _));
            }
            arguments[index].Append(function.GetProperty("arguments").GetString());
        }
        Assert.Equal("weather", names[0]);
        Assert.Equal("""{"city": "Oslo", "days": 3}""", arguments[0].ToString());
        Assert.True(choices.Count(choice => choice.GetProperty("delta").TryGetProperty("tool_calls", out _)) > 5, "arguments come as they are written");
        Assert.DoesNotContain(choices, choice => choice.GetProperty("delta").TryGetProperty("content", out JsonElement content) && content.GetString() is not "");
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Auto_TextThenACall_AreToldApart(string family)
    {
        string template = EdgeServer.Template(family);
        ToolDialect dialect = ToolDialect.Of(template);
        await using EdgeServer server = await EdgeServer.StartAsync(template);
        server.Replica.Says = _ => "Let me look <that> up [now].\n" + dialect.Open + dialect.BeginOf("add") + """{"a": 7}""" + dialect.CallEnd + dialect.Close;
        JsonElement message = (await server.PostJsonAsync("/v1/chat/completions", Body($"{Weather},{Add}"))).GetProperty("choices")[0].GetProperty("message");
        Assert.Equal("Let me look <that> up [now].\n", message.GetProperty("content").GetString());
        Assert.Equal(("add", """{"a": 7}"""), NameAndArguments(message.GetProperty("tool_calls")[0]));
    }

    [Fact]
    public async Task Auto_TextAlone_IsAMessage_AndStopStringsCutIt()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        server.Replica.Says = _ => "It is sunny, I think. <tool";
        JsonElement choice = (await server.PostJsonAsync("/v1/chat/completions", Body(Weather))).GetProperty("choices")[0];
        Assert.Equal(("It is sunny, I think. <tool", "stop"), (choice.GetProperty("message").GetProperty("content").GetString(), choice.GetProperty("finish_reason").GetString()));
        Assert.False(choice.GetProperty("message").TryGetProperty("tool_calls", out _));
        choice = (await server.PostJsonAsync("/v1/chat/completions", Body(Weather, ""","stop":", I" """))).GetProperty("choices")[0];
        Assert.Equal("It is sunny", choice.GetProperty("message").GetProperty("content").GetString());
        choice = (await server.PostJsonAsync("/v1/chat/completions", Body(Weather, ""","max_tokens":5"""))).GetProperty("choices")[0];
        Assert.Equal(("It is", "length"), (choice.GetProperty("message").GetProperty("content").GetString(), choice.GetProperty("finish_reason").GetString()));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task WithResponseFormat_ACallOrTheDocument(string family)
    {
        const string format = ""","response_format":{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}}}""";
        string template = EdgeServer.Template(family);
        ToolDialect dialect = ToolDialect.Of(template);
        await using EdgeServer server = await EdgeServer.StartAsync(template);
        server.Replica.Says = _ => """{"name": "Jane"}""";
        JsonElement message = (await server.PostJsonAsync("/v1/chat/completions", Body($"{Weather},{Add}", format))).GetProperty("choices")[0].GetProperty("message");
        Assert.Equal("""{"name": "Jane"}""", message.GetProperty("content").GetString());
        server.Replica.Says = _ => Spelled(dialect);
        message = (await server.PostJsonAsync("/v1/chat/completions", Body($"{Weather},{Add}", format))).GetProperty("choices")[0].GetProperty("message");
        Assert.Equal(JsonValueKind.Null, message.GetProperty("content").ValueKind);
        Assert.Equal("weather", NameAndArguments(message.GetProperty("tool_calls")[0]).Name);
    }

    [Fact]
    public async Task Named_AllowedAndNone_RestrictWhatMayBeCalled()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        ToolDialect dialect = ToolDialect.Hermes;
        server.Replica.Says = _ => dialect.BeginOf("add") + """{"a":1}""" + dialect.CallEnd;
        foreach (string choice in new[]
        {
            """{"type":"function","function":{"name":"add"}}""",
            """{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"add"}}]}}""",
            """{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"add"}}]}}""",
        })
        {
            JsonElement message = (await server.PostJsonAsync("/v1/chat/completions", Body($"{Weather},{Add}", $",\"tool_choice\":{choice}"))).GetProperty("choices")[0].GetProperty("message");
            Assert.Equal("add", NameAndArguments(message.GetProperty("tool_calls")[0]).Name);

            // The other tool cannot be called.
            server.Replica.Says = _ => dialect.BeginOf("weather") + """{"city":"Oslo","days":1}""" + dialect.CallEnd;
            Assert.Equal(503, (int)(await server.PostAsync("/v1/chat/completions", Body($"{Weather},{Add}", $",\"tool_choice\":{choice}"))).StatusCode);
            server.Replica.Says = _ => dialect.BeginOf("add") + """{"a":1}""" + dialect.CallEnd;
        }
        JsonElement none = (await server.PostJsonAsync("/v1/chat/completions", Body(Add, ""","tool_choice":"none" """))).GetProperty("choices")[0].GetProperty("message");
        Assert.StartsWith("<tool_call>", none.GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Conversation_CallsAndResults_ReachTheModel()
    {
        const string messages = """
            [{"role":"user","content":"Weather in Oslo?"},
             {"role":"assistant","content":null,"tool_calls":[{"id":"abcdefghi","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\",\"days\":1}"}}]},
             {"role":"tool","tool_call_id":"abcdefghi","content":"Sunny, 21 degrees"}]
            """;
        foreach (string family in Families.Select(row => row.Data))
        {
            await using EdgeServer server = await EdgeServer.StartAsync(EdgeServer.Template(family));
            JsonElement reply = await server.PostJsonAsync("/v1/chat/completions", $$"""{"model":"m","messages":{{messages}},"tools":[{{Weather}}]}""");
            Assert.Equal("Hello!", reply.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
            string prompt = server.Replica.Prompts[0];
            Assert.Contains("21 degrees", prompt, StringComparison.Ordinal);
            Assert.Contains("weather", prompt, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task CustomTool_InputIsText()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        ToolDialect dialect = ToolDialect.Hermes;
        const string custom = """{"type":"custom","custom":{"name":"shell","description":"Runs a command."}}""";
        server.Replica.Says = _ => dialect.BeginOf("shell") + "\"ls \\\"a b\\\"\\n}\\u00e9\"" + dialect.CallEnd;
        JsonElement call = (await server.PostJsonAsync("/v1/chat/completions", Body(custom, ""","tool_choice":"required" """))).GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls")[0];
        Assert.Equal("custom", call.GetProperty("type").GetString());
        Assert.Equal("ls \"a b\"\n}é", call.GetProperty("custom").GetProperty("input").GetString());
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Required_ModelOfNoise_CallsValidly(string family)
    {
        await using EdgeServer server = await EdgeServer.StartAsync(EdgeServer.Template(family), isRandom: true);
        for (int seed = 0; seed < 4; seed++)
        {
            JsonElement choice = (await server.PostJsonAsync("/v1/chat/completions", Body($"{Weather},{Add}", $",\"tool_choice\":\"required\",\"seed\":{seed},\"max_tokens\":300"))).GetProperty("choices")[0];
            Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
            foreach (JsonElement call in choice.GetProperty("message").GetProperty("tool_calls").EnumerateArray())
            {
                (string name, string arguments) = NameAndArguments(call);
                JsonObject read = JsonNode.Parse(arguments)!.AsObject();
                if (name == "add") Assert.InRange((int)read["a"]!, 0, 99);
                else Assert.True(((string)read["city"]!).EnumerateRunes().Count() <= 12 && (int)read["days"]! is >= 1 and <= 9, arguments);
            }
        }
    }

    [Theory]
    [InlineData("""{"type":"function","function":{"name":"bad","strict":true,"parameters":{"type":"string","format":"idn-hostname"}}}""", "unsupported_schema_keyword", "tools[1].function.parameters", "'bad'")]
    [InlineData("""{"type":"function","function":{"name":"bad","parameters":{"type":"strnig"}}}""", "invalid_request", "tools[1].function.parameters", "'bad'")]
    [InlineData("""{"type":"function","function":{"name":"weather","parameters":{}}}""", "invalid_request", "tools[1].function.parameters", "'weather'")]
    [InlineData("""{"type":"function","function":{"name":"a b"}}""", "invalid_request", "tools[1].function.name", "A-Z")]
    [InlineData("""{"type":"function"}""", "invalid_request", "tools[1].function", "Missing")]
    [InlineData("""{"type":"web_search"}""", "unsupported_parameter", "tools[1].type", "web_search")]
    public async Task Tools_OneIsBad_IsNamed(string tool, string code, string param, string message)
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        HttpResponseMessage response = await server.PostAsync("/v1/chat/completions", Body($"{Weather},{tool}"));
        JsonElement error = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("error");
        Assert.Equal((400, code, param), ((int)response.StatusCode, error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
        Assert.Contains(message, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private static (string Name, string Arguments) NameAndArguments(JsonElement call)
        => (call.GetProperty("function").GetProperty("name").GetString()!, call.GetProperty("function").GetProperty("arguments").GetString()!);
}
