using System.Net;
using System.Text;
using System.Text.Json;
using Cluster.OpenAI.Tests.Support;
using Cluster.Serving.Tools;

namespace Cluster.OpenAI.Tests.Responses;

/// <summary><c>/v1/responses</c>: one object, every event, tools, stored conversations.</summary>
public class ResponsesTests
{
    private const string Add = """{"type":"function","name":"add","strict":true,"parameters":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}}""";

    [Fact]
    public async Task Create_Text_IsOneMessage()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        JsonElement reply = await server.PostJsonAsync("/v1/responses", """{"model":"m","input":"Hi","instructions":"Be brief.","metadata":{"a":"b"},"temperature":0.5}""");
        Assert.Equal(("response", "completed"), (reply.GetProperty("object").GetString(), reply.GetProperty("status").GetString()));
        Assert.StartsWith("resp_", reply.GetProperty("id").GetString(), StringComparison.Ordinal);
        JsonElement item = reply.GetProperty("output")[0];
        Assert.Equal(("message", "assistant", "completed"), (item.GetProperty("type").GetString(), item.GetProperty("role").GetString(), item.GetProperty("status").GetString()));
        Assert.Equal(("output_text", "Hello!"), (item.GetProperty("content")[0].GetProperty("type").GetString(), item.GetProperty("content")[0].GetProperty("text").GetString()));
        Assert.Equal("b", reply.GetProperty("metadata").GetProperty("a").GetString());
        Assert.Equal(0.5, reply.GetProperty("temperature").GetDouble());
        JsonElement usage = reply.GetProperty("usage");
        Assert.Equal(6, usage.GetProperty("output_tokens").GetInt32());
        Assert.Equal(usage.GetProperty("total_tokens").GetInt32(), usage.GetProperty("input_tokens").GetInt32() + 6);
        Assert.Equal("<system>Be brief.<user>Hi<assistant>", server.Replica.Prompts[0]);
    }

    [Fact]
    public async Task Create_JsonSchema_FlatFormat_IsEnforced()
    {
        await using EdgeServer server = await EdgeServer.StartAsync(isRandom: true);
        JsonElement reply = await server.PostJsonAsync("/v1/responses", """
            {"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"Hi"}]}],"max_output_tokens":200,
             "text":{"format":{"type":"json_schema","name":"x","strict":true,"schema":{"type":"object","properties":{"a":{"type":"integer","minimum":3,"maximum":5}},"required":["a"],"additionalProperties":false}}}}
            """);
        string text = reply.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString()!;
        Assert.InRange(JsonSerializer.Deserialize<JsonElement>(text).GetProperty("a").GetInt32(), 3, 5);
        Assert.Equal(("json_schema", "x"), (reply.GetProperty("text").GetProperty("format").GetProperty("type").GetString(), reply.GetProperty("text").GetProperty("format").GetProperty("name").GetString()));
        Assert.Contains(reply.GetProperty("structured_output").GetProperty("status").GetString(), new[] { "complete", "force_closed" });
    }

    [Fact]
    public async Task Stream_TextThenCall_SendsEveryEventInOrder()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        server.Replica.Says = _ => "Yes. " + ToolDialect.Hermes.BeginOf("add") + """{"a":12}""" + ToolDialect.Hermes.CallEnd;
        List<(string Name, JsonElement Data)> events = await server.StreamAsync("/v1/responses", $$"""{"model":"m","input":"Hi","tools":[{{Add}}]}""");
        Assert.All(events, one => Assert.Equal(one.Name, one.Data.GetProperty("type").GetString()));
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(one => one.Data.GetProperty("sequence_number").GetInt32()));
        string[] names = [.. events.Select(one => one.Name).Where((name, index) => index == 0 || name != events[index - 1].Name)];
        Assert.Equal(
        [
            "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.done",
            "response.content_part.done", "response.output_item.done", "response.output_item.added", "response.function_call_arguments.delta",
            "response.function_call_arguments.done", "response.output_item.done", "response.completed",
        ], names);
        Assert.Equal("Yes. ", string.Concat(events.Where(one => one.Name == "response.output_text.delta").Select(one => one.Data.GetProperty("delta").GetString())));
        Assert.Equal("""{"a":12}""", string.Concat(events.Where(one => one.Name == "response.function_call_arguments.delta").Select(one => one.Data.GetProperty("delta").GetString())));
        JsonElement response = events[^1].Data.GetProperty("response");
        Assert.Equal(2, response.GetProperty("output").GetArrayLength());
        Assert.Equal(("function_call", "add", """{"a":12}"""), (response.GetProperty("output")[1].GetProperty("type").GetString(), response.GetProperty("output")[1].GetProperty("name").GetString(), response.GetProperty("output")[1].GetProperty("arguments").GetString()));
        Assert.True(response.GetProperty("usage").GetProperty("output_tokens").GetInt32() > 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Yes. ")]
    public async Task CallWithLogprobs_IsACall_AndOnlyTheTextHasThem(string text)
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        string call = ToolDialect.Hermes.BeginOf("add") + """{"a":12}""" + ToolDialect.Hermes.CallEnd;
        server.Replica.Says = _ => text + call + "\n" + call;
        string choice = text.Length == 0 ? "required" : "auto";
        string body = $$"""{"model":"m","input":"Hi","tools":[{{Add}}],"tool_choice":"{{choice}}","include":["message.output_text.logprobs"],"top_logprobs":1}""";
        JsonElement unstreamed = await server.PostJsonAsync("/v1/responses", body);
        List<(string Name, JsonElement Data)> events = await server.StreamAsync("/v1/responses", body);
        Assert.Equal("response.completed", events[^1].Name);
        foreach (JsonElement response in new[] { unstreamed, events[^1].Data.GetProperty("response") })
        {
            JsonElement[] items = [.. response.GetProperty("output").EnumerateArray()];
            string[] types = text.Length == 0 ? ["function_call", "function_call"] : ["message", "function_call", "function_call"];
            Assert.Equal(types, items.Select(item => item.GetProperty("type").GetString()));
            Assert.All(items[^2..], item => Assert.Equal("""{"a":12}""", item.GetProperty("arguments").GetString()));
            if (text.Length == 0) continue;
            JsonElement part = items[0].GetProperty("content")[0];
            Assert.Equal(part.GetProperty("text").GetString(), string.Concat(part.GetProperty("logprobs").EnumerateArray().Select(one => one.GetProperty("token").GetString())));
        }
        JsonElement chat = (await server.PostJsonAsync("/v1/chat/completions", $$"""
            {"model":"m","messages":[{"role":"user","content":"x"}],"logprobs":true,"tool_choice":"{{choice}}","tools":[{"type":"function","function":{"name":"add"} }]}
            """)).GetProperty("choices")[0];
        Assert.Equal(text.TrimEnd(), string.Concat(chat.GetProperty("logprobs").GetProperty("content").EnumerateArray().Select(one => one.GetProperty("token").GetString())).TrimEnd());
    }

    [Fact]
    public async Task Stream_OfARequestWithLineBreaks_HasNoneInItsEvents()
    {
        await using EdgeServer server = await EdgeServer.StartAsync(isRandom: true);
        HttpResponseMessage response = await server.PostAsync("/v1/responses", """
            {"model":"m","input":"Hi","stream":true,"max_output_tokens":60,"metadata":{
              "a":"b"},
             "text":{"format":{"type":"json_schema","name":"x","schema":{
               "enum":[1,
               2]}}}}
            """);
        string[] lines = (await response.Content.ReadAsStringAsync()).Split('\n');
        Assert.All(lines, line => Assert.True(line.Length == 0 || line.StartsWith("event: ", StringComparison.Ordinal) || line.StartsWith("data: {", StringComparison.Ordinal), line));
    }

    [Fact]
    public async Task Stored_IsFoundContinuedAndDeleted()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        server.Replica.Says = _ => ToolDialect.Hermes.BeginOf("add") + """{"a":12}""" + ToolDialect.Hermes.CallEnd;
        JsonElement first = await server.PostJsonAsync("/v1/responses", $$"""{"model":"m","input":"Hi","tools":[{{Add}}]}""");
        string id = first.GetProperty("id").GetString()!, call = first.GetProperty("output")[0].GetProperty("call_id").GetString()!;
        Assert.Equal(first.GetRawText(), (await server.GetJsonAsync($"/v1/responses/{id}")).GetRawText());
        Assert.Equal("Hi", (await server.GetJsonAsync($"/v1/responses/{id}/input_items")).GetProperty("data")[0].GetProperty("content")[0].GetProperty("text").GetString());
        server.Replica.Says = _ => "Sum: 12";
        await server.PostJsonAsync("/v1/responses", $$"""{"model":"m","previous_response_id":"{{id}}","input":[{"type":"function_call_output","call_id":"{{call}}","output":"twelve"}]}""");
        Assert.Contains("twelve", server.Replica.Prompts[^1], StringComparison.Ordinal);
        Assert.Contains("""{"a":12}""", server.Replica.Prompts[^1], StringComparison.Ordinal);
        string item = first.GetProperty("output")[0].GetProperty("id").GetString()!;
        await server.PostJsonAsync("/v1/responses", $$"""{"model":"m","store":false,"input":[{"role":"user","content":"Hi"},{"type":"item_reference","id":"{{item}}"},{"type":"function_call_output","call_id":"{{call}}","output":"dozen"}]}""");
        Assert.Contains("dozen", server.Replica.Prompts[^1], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.DeleteAsync(new Uri($"/v1/responses/{id}", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync(new Uri($"/v1/responses/{id}", UriKind.Relative))).StatusCode);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(1, false)]
    public async Task Stored_OverTheBound_LosesTheOldest(int most, bool isKept)
    {
        await using EdgeServer server = await EdgeServer.StartAsync(configure: options => options.StoredResponsesMax = most);
        string first = (await server.PostJsonAsync("/v1/responses", """{"model":"m","input":"1"}""")).GetProperty("id").GetString()!;
        await server.PostJsonAsync("/v1/responses", """{"model":"m","input":"2"}""");
        Assert.Equal(isKept, (await server.Client.GetAsync(new Uri($"/v1/responses/{first}", UriKind.Relative))).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Create_PastItsBudget_IsIncomplete()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        JsonElement reply = await server.PostJsonAsync("/v1/responses", """{"model":"m","input":"Hi","max_output_tokens":2}""");
        Assert.Equal(("incomplete", "max_output_tokens"), (reply.GetProperty("status").GetString(), reply.GetProperty("incomplete_details").GetProperty("reason").GetString()));
        List<(string Name, JsonElement)> events = await server.StreamAsync("/v1/responses", """{"model":"m","input":"Hi","max_output_tokens":2}""");
        Assert.Equal("response.incomplete", events[^1].Name);
    }

    [Fact]
    public async Task Stream_ThatFails_EndsWithFailed()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        int tokens = 0;
        server.Replica.BeforeToken = _ => ++tokens > 3 ? throw new InvalidOperationException("device lost") : Task.CompletedTask;
        List<(string Name, JsonElement Data)> events = await server.StreamAsync("/v1/responses", """{"model":"m","input":"Hi"}""");
        Assert.Equal("response.failed", events[^1].Name);
        Assert.Equal("no_replica", events[^1].Data.GetProperty("response").GetProperty("error").GetProperty("code").GetString());
    }
}
