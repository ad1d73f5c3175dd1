using System.Text.Json;
using Cluster.OpenAI.Tests.Support;
using Cluster.Serving.Tools;

namespace Cluster.OpenAI.Tests.Replies;

/// <summary>Models that think first: their thoughts are free and stand apart, what follows is constrained as ever.</summary>
public class ThinkingTests
{
    private const string Chat = "/v1/chat/completions", Responses = "/v1/responses";
    private const string Schema = """{"type":"object","properties":{"name":{"type":"string","maxLength":9}},"required":["name"],"additionalProperties":false}""";
    private const string Format = ""","response_format":{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":""" + Schema + "}}";
    private const string Add = ""","tools":[{"type":"function","function":{"name":"add","strict":true,"parameters":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}}}]""";
    private const string Thoughts = "Who? {\"not\": \"this\"} <tool_call> Jane.\n\n So.";
    private static readonly string Call = ToolDialect.Hermes.BeginOf("add") + """{"a":12}""" + ToolDialect.Hermes.CallEnd;

    /// <summary>Template and what the rest of the body asks for, what the model says after its thoughts, and the message's content.</summary>
    public static TheoryData<string, string, string, string?> Answers
    {
        get
        {
            var rows = new TheoryData<string, string, string, string?>();
            foreach (string family in new[] { "qwen3", "deepseek" })
            {
                string call = family == "qwen3" ? Call : Spelled(ToolDialect.Of(EdgeServer.Template(family)));
                rows.Add(family, "", "Hello, <think> is a tag.", "Hello, <think> is a tag.");
                rows.Add(family, Format, """{"name":"Jane"}""", """{"name":"Jane"}""");
                rows.Add(family, ""","response_format":{"type":"json_object"}""", """{"a":1}""", """{"a":1}""");
                rows.Add(family, ""","guided_regex":"[a-z]{3}" """, "abc", "abc");
                rows.Add(family, Add, "Seven.", "Seven.");
                rows.Add(family, Add, call, null);
                rows.Add(family, $"{Add},\"tool_choice\":\"required\"", call, null);
                rows.Add(family, Add + Format, call, null);
                rows.Add(family, Add + Format, """{"name":"Jane"}""", """{"name":"Jane"}""");
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Thoughts_PrecedeEveryKindOfAnswer(string family, string more, string says, string? content)
    {
        await using EdgeServer server = await ThinkingServerAsync(family, says);
        string body = $$"""{"model":"m","messages":[{"role":"user","content":"x"}]{{more}}}""";
        JsonElement reply = await server.PostJsonAsync(Chat, body);
        JsonElement message = reply.GetProperty("choices")[0].GetProperty("message");
        Assert.Equal(Thoughts, message.GetProperty("reasoning_content").GetString());
        Assert.Equal(content, message.GetProperty("content").GetString());
        Assert.Equal(content is null, message.TryGetProperty("tool_calls", out JsonElement calls));
        if (content is null) Assert.Equal("""{"a":12}""", calls[0].GetProperty("function").GetProperty("arguments").GetString());
        int reasoning = reply.GetProperty("usage").GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32();
        Assert.InRange(reasoning, Thoughts.Length - 20, reply.GetProperty("usage").GetProperty("completion_tokens").GetInt32() - 1);

        // Streamed: thoughts come as they are written, and before everything else.
        List<JsonElement> deltas = [.. (await server.StreamAsync(Chat, body)).SkipLast(1).Select(one => one.Data.GetProperty("choices")[0].GetProperty("delta"))];
        List<string> kinds = [.. deltas.Skip(1).SelectMany(delta => delta.EnumerateObject()).Select(member => member.Name)];
        Assert.True(kinds.TakeWhile(kind => kind == "reasoning_content").Count() > 10);
        Assert.DoesNotContain("reasoning_content", kinds.SkipWhile(kind => kind == "reasoning_content"));
        Assert.Equal(Thoughts, Joined(deltas, "reasoning_content"));
        Assert.Equal(content ?? "", Joined(deltas, "content"));
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Responses_ThoughtsAreAnItemOfTheirOwn(string family, string more, string says, string? content)
    {
        if (more.Length > 0 && !more.StartsWith(""","guided""", StringComparison.Ordinal)) return;
        await using EdgeServer server = await ThinkingServerAsync(family, says);
        string body = $$"""{"model":"m","input":"x","reasoning":{"effort":"high"}{{more}}}""";
        JsonElement[] output = [.. (await server.PostJsonAsync(Responses, body)).GetProperty("output").EnumerateArray()];
        Assert.Equal(["reasoning", "message"], output.Select(item => item.GetProperty("type").GetString()));
        Assert.Equal(("reasoning_text", Thoughts), (output[0].GetProperty("content")[0].GetProperty("type").GetString(), output[0].GetProperty("content")[0].GetProperty("text").GetString()));
        Assert.Equal(content, output[1].GetProperty("content")[0].GetProperty("text").GetString());
        List<(string Name, JsonElement Data)> events = await server.StreamAsync(Responses, body);
        Assert.Equal(Thoughts, string.Concat(events.Where(one => one.Name == "response.reasoning_text.delta").Select(one => one.Data.GetProperty("delta").GetString())));
        Assert.Equal(Thoughts, events.Single(one => one.Name == "response.reasoning_text.done").Data.GetProperty("text").GetString());
        Assert.Equal(content, events.Single(one => one.Name == "response.output_text.done").Data.GetProperty("text").GetString());
        Assert.Equal("high", events[^1].Data.GetProperty("response").GetProperty("reasoning").GetProperty("effort").GetString());
    }

    [Theory]
    [InlineData(""","reasoning_effort":"none" """)]
    [InlineData(""","chat_template_kwargs":{"enable_thinking":false}""")]
    public async Task Effort_None_ClosesTheThoughtsInThePrompt(string more)
    {
        await using EdgeServer server = await EdgeServer.StartAsync(EdgeServer.Template("qwen3"));
        server.Replica.Says = _ => """{"name":"Jane"}""";
        JsonElement message = (await server.PostJsonAsync(Chat, $$"""{"model":"m","messages":[{"role":"user","content":"x"}]{{Format}}{{more}}}""")).GetProperty("choices")[0].GetProperty("message");
        Assert.EndsWith("<think>\n\n</think>\n\n", server.Replica.Prompts[0], StringComparison.Ordinal);
        Assert.False(message.TryGetProperty("reasoning_content", out _));
    }

    [Fact]
    public async Task Effort_OfAModelThatDoesNotThink_ChangesNothing()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        server.Replica.Says = _ => "<think>x</think>y";
        JsonElement message = (await server.PostJsonAsync(Chat, """{"model":"m","messages":[{"role":"user","content":"x"}],"reasoning_effort":"high"}""")).GetProperty("choices")[0].GetProperty("message");
        Assert.Equal("<think>x</think>y", message.GetProperty("content").GetString());
        Assert.False(message.TryGetProperty("reasoning_content", out _));
    }

    [Fact]
    public async Task Model_MayAnswerWithoutThinking()
    {
        await using EdgeServer server = await EdgeServer.StartAsync(EdgeServer.Template("qwen3"));
        server.Replica.Says = _ => """{"name":"Jane"}""";
        JsonElement choice = (await server.PostJsonAsync(Chat, $$"""{"model":"m","messages":[{"role":"user","content":"x"}]{{Format}}}""")).GetProperty("choices")[0];
        Assert.Equal("""{"name":"Jane"}""", choice.GetProperty("message").GetProperty("content").GetString());
        Assert.False(choice.GetProperty("message").TryGetProperty("reasoning_content", out _));
    }

    [Fact]
    public async Task Stops_CutTheAnswer_NotTheThoughts()
    {
        await using EdgeServer server = await ThinkingServerAsync("qwen3", "Hello, Jane. Bye.");
        JsonElement message = (await server.PostJsonAsync(Chat, """{"model":"m","messages":[{"role":"user","content":"x"}],"stop":"Jane"}""")).GetProperty("choices")[0].GetProperty("message");
        Assert.Equal((Thoughts, "Hello, "), (message.GetProperty("reasoning_content").GetString(), message.GetProperty("content").GetString()));
    }

    [Theory]
    [InlineData("qwen3")]
    [InlineData("deepseek")]
    public async Task Noise_WithinAnyBudget_EndsItsThoughtsAndWritesTheDocument(string family)
    {
        await using EdgeServer server = await EdgeServer.StartAsync(EdgeServer.Template(family), isRandom: true);
        int refused = 0;
        for (int budget = 10; budget < 90; budget += 4)
        {
            HttpResponseMessage response = await server.PostAsync(Chat, $$"""{"model":"m","messages":[{"role":"user","content":"x"}],"seed":{{budget}},"max_tokens":{{budget}}{{Format}}}""");
            JsonElement reply = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
            if (reply.TryGetProperty("error", out JsonElement error))
            {
                Assert.True(error.GetProperty("code").GetString() == "max_tokens_too_small", budget + error.GetRawText());
                refused++;
                continue;
            }
            string content = reply.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
            Assert.InRange(JsonSerializer.Deserialize<JsonElement>(content).GetProperty("name").GetString()!.EnumerateRunes().Count(), 0, 9);
            Assert.Equal("stop", reply.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        }
        Assert.InRange(refused, 0, 10);
    }

    [Fact]
    public async Task Message_OfEarlierThoughts_ReachesTheTemplate()
    {
        await using EdgeServer server = await EdgeServer.StartAsync(EdgeServer.Template("qwen3"));
        await server.PostJsonAsync(Chat, """
            {"model":"m","messages":[{"role":"user","content":"x"},
             {"role":"assistant","content":"","reasoning_content":"I must add.","tool_calls":[{"id":"c","type":"function","function":{"name":"add","arguments":"{}"}}]},
             {"role":"tool","tool_call_id":"c","content":"7"}]}
            """);
        Assert.Contains("<think>\nI must add.\n</think>", server.Replica.Prompts[0], StringComparison.Ordinal);
    }

    private static async Task<EdgeServer> ThinkingServerAsync(string family, string says)
    {
        EdgeServer server = await EdgeServer.StartAsync(EdgeServer.Template(family));
        server.Replica.OpenThoughts = "";
        server.Replica.Says = _ => (family == "qwen3" ? "<think>\n" : "") + Thoughts + "\n</think>\n\n" + says;
        return server;
    }

    private static string Spelled(ToolDialect dialect) => dialect.Open + dialect.BeginOf("add") + """{"a":12}""" + dialect.CallEnd + dialect.Close;

    private static string Joined(List<JsonElement> deltas, string name)
        => string.Concat(deltas.Select(delta => delta.TryGetProperty(name, out JsonElement text) ? text.GetString() : ""));
}
