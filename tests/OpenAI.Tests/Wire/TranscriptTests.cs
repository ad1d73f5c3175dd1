using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Cluster.Grammar.Validation;
using Cluster.OpenAI.Tests.Support;
using Cluster.Serving.Tools;

namespace Cluster.OpenAI.Tests.Wire;

/// <summary>
/// What goes over the wire, byte for byte but for ids and times, against committed transcripts; and each object of it against schemas
/// written from OpenAI's published description of its API.
/// </summary>
public sealed partial class TranscriptTests
{
    private const string Add = """{"type":"function","function":{"name":"add","parameters":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}}}""";
    private const string Schema = """{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}}}""";
    private static readonly string Call = ToolDialect.Hermes.BeginOf("add") + """{"a":12}""" + ToolDialect.Hermes.CallEnd;

    /// <summary>Name, path, body, what the model says, and the schema of an unstreamed answer.</summary>
    public static TheoryData<string, string, string, string, string> Variants => new()
    {
        { "chat-text", "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"seed":1}""", "Grüß dich 👋", "chat" },
        { "chat-choices-logprobs", "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"n":1,"logprobs":true,"top_logprobs":1,"seed":1}""", "Hi", "chat" },
        { "chat-flex", "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"service_tier":"flex"}""", "Hi", "chat" },
        { "chat-length", "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"max_tokens":2}""", "Hello", "chat" },
        { "chat-schema", "/v1/chat/completions", $$"""{"model":"m","messages":[{"role":"user","content":"x"}],"response_format":{{Schema}}}""", """{"name":"Jane"}""", "chat" },
        { "chat-object", "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}""", """{"a":[]}""", "chat" },
        { "chat-tools", "/v1/chat/completions", $$"""{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{{Add}}]}""", "Yes." + Call + "\n" + Call, "chat" },
        { "chat-custom-tool", "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"custom","custom":{"name":"add"}}],"tool_choice":"required"}""", ToolDialect.Hermes.BeginOf("add") + "\"1 + 1\"" + ToolDialect.Hermes.CallEnd, "chat" },
        { "chat-bad", "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":{"minimum":"x"}}}}""", "", "error" },
        { "responses-text", "/v1/responses", """{"model":"m","input":"x","instructions":"y","metadata":{"a":"b"}}""", "Grüß dich", "response" },
        { "responses-schema", "/v1/responses", """{"model":"m","input":"x","text":{"format":{"type":"json_schema","name":"x","strict":true,"schema":{"enum":["a"]}}}}""", "\"a\"", "response" },
        { "responses-logprobs", "/v1/responses", """{"model":"m","input":"x","include":["message.output_text.logprobs"],"top_logprobs":1}""", "Hi", "response" },
        { "responses-tools", "/v1/responses", """{"model":"m","input":"x","tools":[{"type":"function","name":"add","parameters":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}},{"type":"custom","name":"sh"}]}""", "Yes." + Call + "\n" + ToolDialect.Hermes.BeginOf("sh") + "\"ls\"" + ToolDialect.Hermes.CallEnd, "response" },
        { "responses-incomplete", "/v1/responses", """{"model":"m","input":"x","max_output_tokens":2}""", "Hello", "response" },
        { "thinking-chat", "/v1/chat/completions", $$"""{"model":"m","messages":[{"role":"user","content":"x"}],"response_format":{{Schema}}}""", "<think>\nHm.\n</think>\n\n{\"name\":\"Jane\"}", "chat" },
        { "thinking-responses", "/v1/responses", """{"model":"m","input":"x","reasoning":{"effort":"low"}}""", "<think>\nHm.\n</think>\n\nJane", "response" },
        { "chat-allowed-tools", "/v1/chat/completions", $$"""{"model":"m","messages":[{"role":"user","content":"x"}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"add"} } ]} },"tools":[{{Add}}]}""", Call, "chat" },
        { "chat-stop", "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"stop":["!"]}""", "Hi! You", "chat" },
        { "chat-regex", "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"structured_outputs":{"regex":"[0-9]{3}"}}""", "123", "chat" },
        { "chat-unenforced", "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"string","format":"idn-hostname"}}}}""", "\"a\"", "chat" },
        { "responses-object", "/v1/responses", """{"model":"m","input":"x","text":{"format":{"type":"json_object"}}}""", """{"a":[]}""", "response" },
        { "responses-custom-tool", "/v1/responses", """{"model":"m","input":"x","tools":[{"type":"custom","name":"sh","format":{"type":"grammar","syntax":"regex","definition":"[a-z]+"}}],"tool_choice":"required"}""", ToolDialect.Hermes.BeginOf("sh") + "ls" + ToolDialect.Hermes.CallEnd, "response" },
        { "completions-schema", "/v1/completions", """{"model":"m","prompt":"x","guided_json":{"enum":["a"]},"echo":true}""", "\"a\"", "text" },
        { "completions-text", "/v1/completions", """{"model":"m","prompt":"x","logprobs":1}""", "Hi", "text" },
    };

    private static Task<EdgeServer> ServerOf(string name) => EdgeServer.StartAsync(name.StartsWith("thinking", StringComparison.Ordinal) ? EdgeServer.Template("qwen3") : EdgeServer.Plain);

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Unstreamed_IsAsItWas_AndMatchesItsSchema(string name, string path, string body, string says, string schema)
    {
        await using EdgeServer server = await ServerOf(name);
        server.Replica.Says = _ => says;
        string text = await (await server.PostAsync(path, body)).Content.ReadAsStringAsync();
        AssertValid(schema, text);
        AssertGolden($"{name}.json", text + "\n");
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Streamed_IsAsItWas_AndEachEventMatchesItsSchema(string name, string path, string body, string says, string schema)
    {
        if (schema == "error") return;
        await using EdgeServer server = await ServerOf(name);
        server.Replica.Says = _ => says;
        JsonObject streamed = JsonNode.Parse(body)!.AsObject();
        streamed["stream"] = true;
        if (path != "/v1/responses") streamed["stream_options"] = new JsonObject { ["include_usage"] = true };
        string text = await (await server.PostAsync(path, streamed.ToJsonString())).Content.ReadAsStringAsync();
        string eventSchema = schema switch { "chat" => "chunk", "response" => "event", _ => schema };
        foreach (Match data in Data().Matches(text))
        {
            if (data.Groups[1].Value != "[DONE]") AssertValid(eventSchema, data.Groups[1].Value);
        }
        AssertGolden($"{name}.sse", text);
    }

    [Theory]
    [InlineData("chat-failed", "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}""")]
    [InlineData("responses-failed", "/v1/responses", """{"model":"m","input":"x","stream":true}""")]
    public async Task Streamed_ThatFails_IsAsItWas(string name, string path, string body)
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        int tokens = 0;
        server.Replica.BeforeToken = _ => ++tokens > 2 ? throw new InvalidOperationException("device lost") : Task.CompletedTask;
        AssertGolden($"{name}.sse", await (await server.PostAsync(path, body)).Content.ReadAsStringAsync());
    }

    private static void AssertValid(string schema, string json)
    {
        byte[] source = File.ReadAllBytes(Path.Combine(Folder(), "schemas", $"{schema}.json"));
        Assert.True(SchemaValidator.TryCreate(source, new ValidatorOptions(), out SchemaValidator? validator, out SchemaError? fault), $"{schema}: {fault}");
        ValidationResult result = validator!.Validate(Encoding.UTF8.GetBytes(json));
        Assert.True(result.Outcome == ValidationOutcome.Valid, $"{schema}: {result.Outcome}, keyword {result.Keyword}, schema {result.SchemaPointer}: {json}");
    }

    private static void AssertGolden(string file, string actual)
    {
        string normal = Times().Replace(Ids().Replace(actual, "$1ID"), "${1}0");
        string path = Path.Combine(Folder(), "goldens", file);
        if (Environment.GetEnvironmentVariable("CLUSTER_UPDATE") == "1")
        {
            File.WriteAllText(path, normal);
            return;
        }
        Assert.True(File.Exists(path), $"{file} is not there; to write it: CLUSTER_UPDATE=1");
        Assert.Equal(File.ReadAllText(path), normal);
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    [GeneratedRegex("^data: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Data();

    /// <summary>Ids of replies, items and calls; hashes change with the grammar engine.</summary>
    [GeneratedRegex("(chatcmpl-|cmpl-|resp_|msg_|rs_|fc_|ctc_|call_|req_|schema_hash\":\")[A-Za-z0-9]+")]
    private static partial Regex Ids();

    [GeneratedRegex("(\"(?:created|created_at|completed_at)\":)[0-9]+")]
    private static partial Regex Times();
}
