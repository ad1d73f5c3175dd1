using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Cluster.OpenAI.Requests;

namespace Cluster.OpenAI.Responses;

/// <summary>Fields that a response repeats as they came.</summary>
internal static class EchoedFields
{
    /// <summary>Each with what it is where the request says nothing: JSON.</summary>
    private static readonly (string Name, string Default)[] Defaults =
    [
        ("instructions", "null"), ("max_output_tokens", "null"), ("max_tool_calls", "null"), ("metadata", "{}"), ("parallel_tool_calls", "true"), ("previous_response_id", "null"),
        ("prompt_cache_key", "null"), ("prompt_cache_retention", "null"), ("safety_identifier", "null"), ("store", "true"), ("temperature", "1"), ("tool_choice", "\"auto\""), ("tools", "[]"),
        ("top_logprobs", "0"), ("top_p", "1"), ("truncation", "\"disabled\""), ("user", "null"),
    ];

    /// <returns>Name and JSON on one line.</returns>
    public static ImmutableArray<KeyValuePair<string, string>> Of(RequestObject body)
        => [.. Defaults.Select(field => new KeyValuePair<string, string>(field.Name, body.Any(field.Name) is not { } value ? field.Default : field.Name == "tools" ? Whole(value) : JsonText.OneLine(value)))];

    /// <summary>Tools with the members that a function always has in an answer.</summary>
    private static string Whole(JsonElement tools)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            json.WriteStartArray();
            foreach (JsonElement tool in tools.EnumerateArray()) WriteWhole(json, tool);
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteWhole(Utf8JsonWriter json, JsonElement tool)
    {
        // As everywhere, the last of several members of one name counts.
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (JsonProperty member in tool.EnumerateObject()) members[member.Name] = member.Value;
        bool isFunction = members["type"].ValueEquals("function");
        json.WriteStartObject();
        foreach ((string name, JsonElement value) in members)
        {
            if (isFunction && name == "strict") continue;
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
        if (isFunction)
        {
            if (!members.ContainsKey("description")) json.WriteNull("description");
            if (!members.ContainsKey("parameters")) json.WriteNull("parameters");
            json.WriteBoolean("strict", members.TryGetValue("strict", out JsonElement strict) && strict.ValueKind == JsonValueKind.True);
        }
        json.WriteEndObject();
    }
}
