using System.Text.Json;
using Cluster.OpenAI.Tests.Support;

namespace Cluster.OpenAI.Tests.Completions;

/// <summary>Completions, tokens, dry runs, version.</summary>
public class OtherEndpointTests
{
    [Fact]
    public async Task Completions_EachPrompt_HasItsChoices()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        JsonElement reply = await server.PostJsonAsync("/v1/completions", """{"model":"m","prompt":["Once","Twice"],"n":2,"echo":true}""");
        Assert.Equal("text_completion", reply.GetProperty("object").GetString());
        Assert.Equal(["OnceHello!", "OnceHello!", "TwiceHello!", "TwiceHello!"], reply.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString()));
        Assert.Equal((9, 24), (reply.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), reply.GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
        Assert.Equal(["Once", "Once", "Twice", "Twice"], server.Replica.Prompts.Order());
    }

    [Fact]
    public async Task Completions_TokenIdsAndLogprobs()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        JsonElement choice = (await server.PostJsonAsync("/v1/completions", """{"model":"m","prompt":[72,105],"logprobs":1,"max_tokens":2}""")).GetProperty("choices")[0];
        Assert.Equal(("He", "length"), (choice.GetProperty("text").GetString(), choice.GetProperty("finish_reason").GetString()));
        Assert.Equal(["H", "e"], choice.GetProperty("logprobs").GetProperty("tokens").EnumerateArray().Select(token => token.GetString()));
        Assert.Equal([0, 1], choice.GetProperty("logprobs").GetProperty("text_offset").EnumerateArray().Select(offset => offset.GetInt32()));
        Assert.Equal("Hi", server.Replica.Prompts[0]);
    }

    [Fact]
    public async Task Completions_Streamed_AddUpAndEndWithDone()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        List<(string, JsonElement Data)> events = await server.StreamAsync("/v1/completions", """{"model":"m","prompt":"Once","stream_options":{"include_usage":true}}""");
        Assert.Equal("[DONE]", events[^1].Data.GetString());
        Assert.Equal(6, events[^2].Data.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal("Hello!", string.Concat(events.SkipLast(2).Select(one => one.Data.GetProperty("choices")[0].GetProperty("text").GetString())));
    }

    [Fact]
    public async Task Completions_Constrained_MatchTheSchema()
    {
        await using EdgeServer server = await EdgeServer.StartAsync(isRandom: true);
        JsonElement reply = await server.PostJsonAsync("/v1/completions", """{"model":"m","prompt":"x","max_tokens":50,"structured_outputs":{"json":{"enum":["red","green"]}}}""");
        Assert.Contains(reply.GetProperty("choices")[0].GetProperty("text").GetString(), new[] { "\"red\"", "\"green\"" });
    }

    [Theory]
    [InlineData(""" "structured_outputs":{"regex":"[ab]{3}-[0-9]{2}"} """, "^[ab]{3}-[0-9]{2}$")]
    [InlineData(""" "guided_regex":"(?:x|yy)z" """, "^(?:x|yy)z$")]
    [InlineData(""" "structured_outputs":{"choice":["red","green","a \"b\""]} """, "^(?:red|green|a \"b\")$")]
    [InlineData(""" "guided_choice":["one","two"] """, "^(?:one|two)$")]
    [InlineData(""" "structured_outputs":{"grammar":"start: \"(\" start \")\" | \"x\""} """, @"^(?<o>\()*x(?<-o>\))*(?(o)(?!))$")]
    [InlineData(""" "guided_grammar":"start: INT (\",\" INT)~1\n%import common.INT" """, "^[0-9]+,[0-9]+$")]
    [InlineData(""" "structured_outputs":{"structural_tag":{"format":{"type":"tag","begin":"<a>","content":{"type":"json_schema","json_schema":{"enum":[1,2]}},"end":"</a>"}}} """, "^<a>[12]</a>$")]
    [InlineData(""" "structured_outputs":{"structural_tag":"{\"format\":{\"type\":\"const_string\",\"value\":\"ok\"}}"} """, "^ok$")]
    public async Task Completions_OtherKindsOfGrammar_MatchThem(string constraint, string pattern)
    {
        await using EdgeServer server = await EdgeServer.StartAsync(isRandom: true);
        JsonElement reply = await server.PostJsonAsync("/v1/completions", $$"""{"model":"m","prompt":"x","max_tokens":50,{{constraint}}}""");
        Assert.Matches(pattern, reply.GetProperty("choices")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Tokenize_AndBack_IsTheSameText()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        JsonElement tokens = await server.PostJsonAsync("/tokenize", """{"model":"m","prompt":"Jane in Berlin","return_token_strs":true}""");
        Assert.Equal(tokens.GetProperty("count").GetInt32(), tokens.GetProperty("tokens").GetArrayLength());
        Assert.Equal(4096, tokens.GetProperty("max_model_len").GetInt32());
        Assert.Equal("Jane in Berlin", string.Concat(tokens.GetProperty("token_strs").EnumerateArray().Select(token => token.GetString())));
        Assert.Equal("Jane in Berlin", (await server.PostJsonAsync("/detokenize", $$"""{"model":"m","tokens":{{tokens.GetProperty("tokens").GetRawText()}}}""")).GetProperty("prompt").GetString());
        JsonElement chat = await server.PostJsonAsync("/tokenize", """{"model":"m","messages":[{"role":"user","content":"Hi"}]}""");
        Assert.Equal("<user>Hi<assistant>", (await server.PostJsonAsync("/detokenize", $$"""{"model":"m","tokens":{{chat.GetProperty("tokens").GetRawText()}}}""")).GetProperty("prompt").GetString());
    }

    [Fact]
    public async Task SchemasCompile_TellsWhatBecomesOfEachKeyword()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        JsonElement report = await server.PostJsonAsync("/v1/schemas/compile", """{"model":"m","schema":{"type":"object","title":"T","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}}""");
        Assert.True(report.GetProperty("accepted").GetBoolean() && report.GetProperty("satisfiable").GetBoolean());
        Assert.Equal(64, report.GetProperty("hash").GetString()!.Length);
        Assert.True(report.GetProperty("fuel").GetInt64() > 0 && report.GetProperty("fewest_tokens").GetInt32() > 3);
        Assert.Contains(report.GetProperty("keywords").EnumerateArray(), one => one.GetProperty("pointer").GetString() == "/properties/a/type" && one.GetProperty("treatment").GetString() == "enforced");
        JsonElement refused = await server.PostJsonAsync("/v1/schemas/compile", """{"schema":{"properties":{"a":{"format":"idn-hostname"}}}}""");
        Assert.False(refused.GetProperty("accepted").GetBoolean());
        Assert.Equal(("/properties/a/format", "unsupported"), (refused.GetProperty("refused")[0].GetProperty("pointer").GetString(), refused.GetProperty("refused")[0].GetProperty("treatment").GetString()));
        Assert.False((await server.PostJsonAsync("/v1/schemas/compile", """{"schema":false}""")).GetProperty("satisfiable").GetBoolean());
        Assert.Equal(400, (int)(await server.PostAsync("/v1/schemas/compile", "{}")).StatusCode);
    }

    [Fact]
    public async Task Version_IsAVersion()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+", (await server.GetJsonAsync("/version")).GetProperty("version").GetString());
    }
}
