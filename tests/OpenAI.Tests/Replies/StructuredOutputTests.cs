using System.Globalization;
using System.Text.Json;
using Cluster.OpenAI.Tests.Support;

namespace Cluster.OpenAI.Tests.Replies;

/// <summary>What a reply says about its constraint, from a real engine over a model of noise.</summary>
public class StructuredOutputTests
{
    private const string Schema = """{"type":"object","properties":{"name":{"type":"string","maxLength":8},"age":{"type":"integer","minimum":0,"maximum":99}},"required":["name","age"],"additionalProperties":false}""";
    private const string Strict = """{"name":"x","strict":true,"schema":""" + Schema + "}";

    public static TheoryData<string, string> Requests => new()
    {
        { "/v1/chat/completions", """{"model":"m","seed":5,"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":""" + Strict + "}}" },
        { "/v1/completions", """{"model":"m","seed":5,"prompt":"x","max_tokens":100,"guided_json":""" + Schema + "}" },
        { "/v1/responses", """{"model":"m","seed":5,"input":"x","text":{"format":{"type":"json_schema","name":"x","strict":true,"schema":""" + Schema + "}}}" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Reply_UnderASchema_SaysWhatTheConstraintDid(string path, string body)
    {
        await using EdgeServer server = await EdgeServer.StartAsync(isRandom: true);
        HttpResponseMessage response = await server.PostAsync(path, body);
        JsonElement reply = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
        JsonElement block = BlockOf(reply);
        int tokens = reply.GetProperty("usage").GetProperty(path == "/v1/responses" ? "output_tokens" : "completion_tokens").GetInt32();
        Assert.Equal("complete", block.GetProperty("status").GetString());
        Assert.InRange(block.GetProperty("forced_tokens").GetInt32(), 1, tokens - 1);
        Assert.True(block.GetProperty("mask_time_ms").GetDouble() > 0);
        double mean = block.GetProperty("constraint_pressure").GetProperty("mean").GetDouble(), max = block.GetProperty("constraint_pressure").GetProperty("max").GetDouble();

        // Noise would rather write anything else.
        Assert.InRange(mean, 0.1, max);
        Assert.InRange(max, 0.9, 1);
        Assert.Equal("complete", response.Headers.GetValues("x-structured-output").Single());
        Assert.Equal(string.Create(CultureInfo.InvariantCulture,
            $"schema_hash={block.GetProperty("schema_hash").GetString()}, forced_tokens={block.GetProperty("forced_tokens").GetInt32()}, mask_time_ms={block.GetProperty("mask_time_ms").GetDouble()}, pressure_mean={mean}, pressure_max={max}"),
            response.Headers.GetValues("x-structured-output-details").Single());

        // Streamed, the last chunk of the choice says the same of the same tokens.
        JsonElement streamed = (await server.StreamAsync(path, body)).Select(one => one.Data).Where(data => data.ValueKind == JsonValueKind.Object)
            .Select(data => data.TryGetProperty("response", out JsonElement inner) ? inner : data).Where(HasBlock).Select(BlockOf).Single();
        foreach (string name in new[] { "status", "schema_hash", "forced_tokens", "constraint_pressure" }) Assert.Equal(block.GetProperty(name).GetRawText(), streamed.GetProperty(name).GetRawText());
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"enum":["b"]}},"required":["a"],"additionalProperties":false}""", """{"a":"b"}""")]
    [InlineData("""{"properties":{"a":{"enum":["b"]}},"required":["a"],"additionalProperties":false}""", """{"a":"b"}""")]
    [InlineData("""{"enum":[7,{"a":"b"}]}""", """{"a":"b"}""")]
    [InlineData("null", null)]
    public async Task JsonObject_WithASchemaBesideIt_IsAnObjectOfThatSchema(string schema, string? expected)
    {
        await using EdgeServer server = await EdgeServer.StartAsync(isRandom: true);
        JsonElement reply = await server.PostJsonAsync("/v1/chat/completions", """{"model":"m","max_tokens":100,"structured_output":{"whitespace":"compact"},"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object","schema":""" + schema + "}}");
        string content = reply.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
        if (expected is not null) Assert.Equal(expected, content);
        Assert.Equal(JsonValueKind.Object, JsonSerializer.Deserialize<JsonElement>(content).ValueKind);
    }

    [Fact]
    public async Task Reply_OfSeveralChoices_HasABlockEach_AndTheirSumInTheHeader()
    {
        await using EdgeServer server = await EdgeServer.StartAsync(isRandom: true);
        HttpResponseMessage response = await server.PostAsync("/v1/chat/completions", """{"model":"m","n":3,"seed":5,"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":""" + Strict + "}}");
        JsonElement[] choices = [.. JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("choices").EnumerateArray()];
        int forced = choices.Sum(choice => choice.GetProperty("structured_output").GetProperty("forced_tokens").GetInt32());
        Assert.Contains($"forced_tokens={forced},", response.Headers.GetValues("x-structured-output-details").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reply_ForcedWhole_HasNoPressure()
    {
        await using EdgeServer server = await EdgeServer.StartAsync(isRandom: true);
        JsonElement block = BlockOf(await server.PostJsonAsync("/v1/completions", """{"model":"m","prompt":"x","max_tokens":100,"structured_output":{"whitespace":"compact"},"guided_json":{"const":{"name":"Jane"}}}"""));
        Assert.Equal(JsonValueKind.Null, block.GetProperty("constraint_pressure").ValueKind);
        Assert.True(block.GetProperty("forced_tokens").GetInt32() > 0);
    }

    [Fact]
    public async Task Reply_OfFreeText_SaysNothing()
    {
        await using EdgeServer server = await EdgeServer.StartAsync(isRandom: true);
        HttpResponseMessage response = await server.PostAsync("/v1/completions", """{"model":"m","prompt":"x","max_tokens":5}""");
        Assert.False(HasBlock(JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync())));
        Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("x-structured-output", StringComparison.OrdinalIgnoreCase));
    }

    private static JsonElement Holder(JsonElement reply) => reply.TryGetProperty("choices", out JsonElement choices) && choices.GetArrayLength() > 0 ? choices[0] : reply;

    private static bool HasBlock(JsonElement reply) => Holder(reply).TryGetProperty("structured_output", out _);

    private static JsonElement BlockOf(JsonElement reply) => Holder(reply).GetProperty("structured_output");
}
