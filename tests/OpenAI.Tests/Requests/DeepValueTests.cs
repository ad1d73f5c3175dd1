using System.Text.Json;
using Cluster.OpenAI.Tests.Support;

namespace Cluster.OpenAI.Tests.Requests;

/// <summary>Values as deep as a body may be, wherever a body may hold any value: they go in, to the model, and out again.</summary>
public class DeepValueTests
{
    private const int Depth = 480;

    private static readonly string Deep = new string('[', Depth) + new string(']', Depth);

    public static TheoryData<string, string> Requests => new()
    {
        { "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","default":DEEP}}}]}""" },
        { "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"call12345","type":"function","function":{"name":"f","arguments":"{\"a\":DEEP}"}}]},{"role":"tool","tool_call_id":"call12345","content":"ok"}],"tools":[{"type":"function","function":{"name":"f"}}]}""" },
        { "/v1/responses", """{"model":"m","input":"x","tools":[{"type":"function","name":"f","parameters":{"type":"object","default":DEEP}}]}""" },
        { "/v1/responses", """{"model":"m","input":"x","text":{"format":{"type":"json_schema","name":"x","schema":{"type":"string","default":DEEP}}}}""" },
        { "/v1/responses", """{"model":"m","input":[{"type":"reasoning","id":"rs_1","summary":DEEP},{"role":"user","content":[{"type":"output_text","text":"x","annotations":DEEP}]}]}""" },
        { "/v1/completions", """{"model":"m","prompt":"x","guided_json":{"type":"string","default":DEEP}}""" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Post_WithADeepValue_IsAnswered_StreamedToo(string path, string template)
    {
        string body = template.Replace("DEEP", Deep, StringComparison.Ordinal);
        foreach (string family in new[] { "plain", "qwen3", "mistral" })
        {
            await using EdgeServer server = await EdgeServer.StartAsync(EdgeServer.Template(family), contextLength: 1 << 16);
            server.Replica.Says = _ => body.Contains("string", StringComparison.Ordinal) ? "\"Hi\"" : "Hi";
            JsonElement reply = await server.PostJsonAsync(path, body);
            Assert.Contains("Hi", reply.GetRawText(), StringComparison.Ordinal);
            List<(string Name, JsonElement Data)> events = await server.StreamAsync(path, body);
            Assert.True(path == "/v1/responses" ? events[^1].Name == "response.completed" : events[^1].Data.GetRawText() == "\"[DONE]\"", events[^1].Name);
            if (path != "/v1/responses") continue;
            string stored = $"/v1/responses/{reply.GetProperty("id").GetString()}";
            Assert.Contains("Hi", await server.Client.GetStringAsync(new Uri(stored, UriKind.Relative)), StringComparison.Ordinal);
            Assert.StartsWith("""{"object":"list",""", await server.Client.GetStringAsync(new Uri($"{stored}/input_items", UriKind.Relative)), StringComparison.Ordinal);
        }
    }
}
