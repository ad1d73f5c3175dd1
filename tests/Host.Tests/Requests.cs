using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cluster.Host.Tests;

/// <summary>Bodies and calls that the tests share.</summary>
internal static class Requests
{
    public const string Model = "cluster-extract-1";

    public const string JaneDoe = "Extract: 'Jane Doe lives in Berlin and is 34 years old.'";

    public const string PersonSchema = """
        {"type":"object","properties":{"name":{"type":"string"},"city":{"type":"string"},"age":{"type":"integer"}},
         "required":["name","city","age"],"additionalProperties":false}
        """;

    public static JsonObject Chat(string text) => new()
    {
        ["model"] = Model,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
    };

    public static JsonObject WithSchema(this JsonObject body, string schema, bool strict = true)
    {
        body["response_format"] = new JsonObject
        {
            ["type"] = "json_schema",
            ["json_schema"] = new JsonObject { ["name"] = "answer", ["strict"] = strict, ["schema"] = JsonNode.Parse(schema) },
        };
        return body;
    }

    public static JsonObject With(this JsonObject body, string name, JsonNode? value)
    {
        body[name] = value;
        return body;
    }

    public static Task<HttpResponseMessage> PostAsync(this HttpClient client, JsonNode body)
        => client.PostRawAsync(body.ToJsonString());

    public static Task<HttpResponseMessage> PostRawAsync(this HttpClient client, string body)
        => client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"));

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response)
    {
        using JsonDocument document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return document.RootElement.Clone();
    }

    public static string Content(this JsonElement completion)
        => completion.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
}
