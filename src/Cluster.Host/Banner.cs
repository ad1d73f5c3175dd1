using System.Globalization;

namespace Cluster.Host;

/// <summary>What a newcomer sees when the server is up: a request that works, and where to go from there.</summary>
public static class Banner
{
    public static string Ready(string address, string modelId, TimeSpan startup, string? key) => $$$$$$"""

        Cluster is ready after {{{{{{startup.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)}}}}}} s on {{{{{{address}}}}}} with {{{{{{modelId}}}}}}. Try it:

          curl -s {{{{{{address}}}}}}/v1/chat/completions -H 'content-type: application/json'{{{{{{(key is null ? "" : $" -H 'authorization: Bearer {key}'")}}}}}} -d '{
            "model": "{{{{{{modelId}}}}}}",
            "messages": [{"role": "user", "content": "Extract: '\''Jane Doe lives in Berlin and is 34 years old.'\''"}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "person", "strict": true, "schema": {
              "type": "object",
              "properties": {"name": {"type": "string"}, "city": {"type": "string"}, "age": {"type": "integer"}},
              "required": ["name", "city", "age"], "additionalProperties": false}}}}'

        Dashboard:   {{{{{{address}}}}}}/admin
        OpenAI SDKs: base_url = "{{{{{{address}}}}}}/v1", api_key = {{{{{{(key is null ? "any text" : $"\"{key}\"")}}}}}}. Stop with Ctrl+C.

        """;
}
