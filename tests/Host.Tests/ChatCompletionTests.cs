using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cluster.Host.Tests;

/// <summary>What a caller of <c>POST /v1/chat/completions</c> gets, over HTTP from the embedded model.</summary>
public class ChatCompletionTests(HostProcess host) : IClassFixture<HostProcess>
{
    private const string JaneDoe = """{"name":"Jane Doe","city":"Berlin","age":34}""";

    [Fact]
    public async Task Post_StrictSchema_FillsTheFields()
    {
        HttpResponseMessage response = await host.Client.PostAsync(Requests.Chat(Requests.JaneDoe).WithSchema(Requests.PersonSchema));
        JsonElement completion = await response.JsonAsync();
        Assert.Equal(JaneDoe, completion.Content());
        JsonElement choice = completion.GetProperty("choices")[0];
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.Equal("complete", choice.GetProperty("structured_output").GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("logprobs").ValueKind);
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("message").GetProperty("refusal").ValueKind);
        Assert.Equal("complete", response.Headers.GetValues("x-structured-output").Single());
    }

    /// <summary>Draft-07 has them ignored, most validators do not, and some generators write what counts there.</summary>
    [Fact]
    public async Task Post_KeywordsBesideAReferenceOfDraft7_AreKept()
    {
        HttpResponseMessage response = await host.Client.PostAsync(Requests.Chat(Requests.JaneDoe).WithSchema("""
            {"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"Int":{"type":"integer"}},"type":"object","required":["age"],"additionalProperties":false,
             "properties":{"age":{"$ref":"#/definitions/Int","description":"of Jane","minimum":50,"maximum":50}}}
            """));
        Assert.Equal("""{"age":50}""", (await response.JsonAsync()).Content());
    }

    [Fact]
    public async Task Post_Streamed_IsTheSameTextAndEndsWithDone()
    {
        JsonObject body = Requests.Chat(Requests.JaneDoe).WithSchema(Requests.PersonSchema).With("stream", true).With("stream_options", new JsonObject { ["include_usage"] = true });
        HttpResponseMessage response = await host.Client.PostAsync(body);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        string[] events = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", events[^1]);
        JsonElement[] chunks = [.. events[..^1].Select(one => JsonDocument.Parse(one["data: ".Length..]).RootElement)];
        Assert.Equal(JaneDoe, string.Concat(chunks.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray())
            .Select(choice => choice.GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString() : "")));
        Assert.Equal("complete", chunks[^2].GetProperty("choices")[0].GetProperty("structured_output").GetProperty("status").GetString());
        Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
        Assert.True(chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32() > 0);
        Assert.All(chunks[..^1], chunk => Assert.Equal(JsonValueKind.Null, chunk.GetProperty("usage").ValueKind));
    }

    [Fact]
    public async Task Post_EveryBudgetThatIsAccepted_GivesACompleteDocument()
    {
        var statuses = new HashSet<string>();
        for (int budget = 1; budget < 60; budget++)
        {
            HttpResponseMessage response = await host.Client.PostAsync(Requests.Chat(Requests.JaneDoe).WithSchema(Requests.PersonSchema).With("max_tokens", budget));
            JsonElement reply = await response.JsonAsync();
            if (reply.TryGetProperty("error", out JsonElement error))
            {
                Assert.Equal("max_tokens_too_small", error.GetProperty("code").GetString());
                Assert.Empty(statuses);
                continue;
            }
            JsonElement choice = reply.GetProperty("choices")[0];
            JsonNode document = JsonNode.Parse(reply.Content())!;
            Assert.Equal(3, document.AsObject().Count);
            Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
            Assert.True(reply.GetProperty("usage").GetProperty("completion_tokens").GetInt32() <= budget);
            statuses.Add(choice.GetProperty("structured_output").GetProperty("status").GetString()!);
        }
        Assert.Equal(["complete", "force_closed"], statuses.Order());
    }

    [Fact]
    public async Task Post_ForceClosedWithLength_SaysLength()
    {
        JsonObject body = Requests.Chat(Requests.JaneDoe).WithSchema("""{"type":"object","properties":{"text":{"type":"string","minLength":5}},"required":["text"],"additionalProperties":false}""")
            .With("max_tokens", 16).With("temperature", 2).With("seed", 1).With("structured_output", new JsonObject { ["close"] = "length" });
        JsonElement choice = (await (await host.Client.PostAsync(body)).JsonAsync()).GetProperty("choices")[0];
        string expected = choice.GetProperty("structured_output").GetProperty("status").GetString() == "force_closed" ? "length" : "stop";
        Assert.Equal(expected, choice.GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task Post_FreeText_StopsAtItsBudgetOrEnd()
    {
        JsonElement reply = await (await host.Client.PostAsync(Requests.Chat("Hello, who are you?").With("max_tokens", 5))).JsonAsync();
        Assert.True(reply.GetProperty("usage").GetProperty("completion_tokens").GetInt32() <= 5);
        Assert.Contains(reply.GetProperty("choices")[0].GetProperty("finish_reason").GetString(), new[] { "stop", "length" });
    }

    [Fact]
    public async Task Post_StopString_CutsFreeTextAndNotDocuments()
    {
        JsonElement free = await (await host.Client.PostAsync(Requests.Chat("Hello, who are you?").With("temperature", 0))).JsonAsync();
        string text = free.Content();
        Assert.True(text.Length > 4, "the embedded model answers a greeting with a sentence");
        string stop = text.Substring(2, 2);
        JsonElement cut = await (await host.Client.PostAsync(Requests.Chat("Hello, who are you?").With("temperature", 0).With("stop", stop))).JsonAsync();
        Assert.Equal(text[..text.IndexOf(stop, StringComparison.Ordinal)], cut.Content());
        JsonElement document = await (await host.Client.PostAsync(Requests.Chat(Requests.JaneDoe).WithSchema(Requests.PersonSchema).With("stop", "Berlin"))).JsonAsync();
        Assert.Equal(JaneDoe, document.Content());
    }

    [Fact]
    public async Task Post_SeveralChoices_AreCountedAndEnded()
    {
        JsonObject body = Requests.Chat(Requests.JaneDoe).WithSchema(Requests.PersonSchema).With("n", 3).With("temperature", 1.2).With("seed", 5);
        JsonElement first = await (await host.Client.PostAsync(body)).JsonAsync();
        JsonElement second = await (await host.Client.PostAsync(body)).JsonAsync();
        Assert.Equal([0, 1, 2], first.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.Equal(WithoutTimes(first.GetProperty("choices")), WithoutTimes(second.GetProperty("choices")));
    }

    private static string WithoutTimes(JsonElement choices)
    {
        JsonArray read = JsonArray.Create(choices)!;
        foreach (JsonNode? choice in read) choice!["structured_output"]!.AsObject().Remove("mask_time_ms");
        return read.ToJsonString();
    }

    [Fact]
    public async Task Post_Logprobs_ComeForEachToken()
    {
        JsonObject body = Requests.Chat(Requests.JaneDoe).WithSchema(Requests.PersonSchema).With("logprobs", true).With("top_logprobs", 2);
        JsonElement reply = await (await host.Client.PostAsync(body)).JsonAsync();
        JsonElement[] tokens = [.. reply.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("content").EnumerateArray()];
        Assert.Equal(reply.GetProperty("usage").GetProperty("completion_tokens").GetInt32(), tokens.Length);
        Assert.Equal(JaneDoe, string.Concat(tokens.Select(token => token.GetProperty("token").GetString())));
        Assert.All(tokens, token => Assert.InRange(token.GetProperty("logprob").GetDouble(), -9999, 0));
        Assert.All(tokens, token => Assert.True(token.GetProperty("top_logprobs").GetArrayLength() <= 2));
    }

    [Fact]
    public async Task Post_BestEffort_LeavesOutWhatCannotBeEnforced()
    {
        const string schema = """{"type":"object","properties":{"a":{"type":"string","pattern":"^(x+)\\1$"}},"required":["a"],"additionalProperties":false}""";
        Assert.Equal("unsupported_schema_keyword", (await (await host.Client.PostAsync(Requests.Chat("hi").WithSchema(schema))).JsonAsync()).GetProperty("error").GetProperty("code").GetString());
        JsonElement reply = await (await host.Client.PostAsync(Requests.Chat("hi").WithSchema(schema, strict: false).With("max_tokens", 60))).JsonAsync();
        Assert.NotNull(JsonNode.Parse(reply.Content())!["a"]);
    }

    [Fact]
    public async Task Get_HealthAndModels_Answer()
    {
        Assert.Equal("live\n", await host.Client.GetStringAsync(new Uri("/health/live", UriKind.Relative)));
        Assert.Contains("\"status\":\"ready\"", await host.Client.GetStringAsync(new Uri("/health/ready", UriKind.Relative)), StringComparison.Ordinal);
        JsonElement models = await (await host.Client.GetAsync(new Uri("/v1/models", UriKind.Relative))).JsonAsync();
        Assert.Equal(Requests.Model, models.GetProperty("data")[0].GetProperty("id").GetString());
    }
}
