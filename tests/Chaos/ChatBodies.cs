using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cluster.Chaos;

/// <summary>The requests of a run: every other one constrained; of the free ones every other with log-probabilities, of the constrained ones every fourth with two choices.
/// Half of them at temperature 1, half at 0.7 with top_p 0.9.</summary>
public sealed class ChatBodies(string modelId, IReadOnlyList<int> endTokens, int tokens)
{
    private static readonly string[] People = ["Jane Doe", "Ana Maria Lopez", "Otto Brandt", "Li Wei", "Fatima Haddad", "Sven Olsen", "Grace Hopper", "Kofi Mensah"];
    private static readonly string[] Places = ["Berlin", "a harbour in Oslo", "Kyoto", "the old market of Accra", "Lisbon", "a village near Graz", "Montreal", "Cairo"];

    /// <summary>Schemas of the constrained requests: long documents, so that faults meet them halfway.</summary>
    public static IReadOnlyList<string> Schemas { get; } =
    [
        """{"type":"object","properties":{"people":{"type":"array","minItems":8,"maxItems":12,"items":{"type":"object","properties":{"name":{"type":"string","minLength":3,"maxLength":24},"age":{"type":"integer","minimum":0,"maximum":130},"city":{"type":"string","maxLength":20}},"required":["name","age","city"],"additionalProperties":false}}},"required":["people"],"additionalProperties":false}""",
        """{"type":"object","properties":{"order":{"type":"string","pattern":"^[A-Z]{3}-[0-9]{6}$"},"lines":{"type":"array","minItems":10,"maxItems":14,"items":{"type":"object","properties":{"sku":{"type":"string","pattern":"^[a-z0-9]{8}$"},"quantity":{"type":"integer","minimum":1,"maximum":999},"express":{"type":"boolean"}},"required":["sku","quantity","express"],"additionalProperties":false}}},"required":["order","lines"],"additionalProperties":false}""",
        """{"type":"object","properties":{"days":{"type":"array","minItems":7,"maxItems":7,"items":{"type":"object","properties":{"date":{"type":"string","format":"date"},"sky":{"enum":["clear","cloudy","rain","snow","fog"]},"low":{"type":"number","minimum":-60,"maximum":60},"high":{"type":"number","minimum":-60,"maximum":60}},"required":["date","sky","low","high"],"additionalProperties":false}}},"required":["days"],"additionalProperties":false}""",
        """{"type":"object","properties":{"tree":{"$ref":"#/$defs/node"}},"required":["tree"],"additionalProperties":false,"$defs":{"node":{"type":"object","properties":{"label":{"type":"string","minLength":4,"maxLength":30},"children":{"type":"array","maxItems":3,"items":{"$ref":"#/$defs/leaf"}}},"required":["label","children"],"additionalProperties":false},"leaf":{"type":"object","properties":{"label":{"type":"string","minLength":20,"maxLength":60},"weight":{"type":["integer","null"]}},"required":["label","weight"],"additionalProperties":false}}}""",
        """{"type":"object","properties":{"contact":{"anyOf":[{"type":"object","properties":{"email":{"type":"string","pattern":"^[a-z]{2,12}@[a-z]{2,12}[.](com|org|net)$"}},"required":["email"],"additionalProperties":false},{"type":"object","properties":{"phone":{"type":"string","pattern":"^\\+[0-9]{6,14}$"}},"required":["phone"],"additionalProperties":false}]},"notes":{"type":"array","minItems":6,"maxItems":9,"items":{"type":"string","minLength":10,"maxLength":40}}},"required":["contact","notes"],"additionalProperties":false}""",
    ];

    /// <summary>The body of stream number <paramref name="number"/>, and which schema its documents must validate against.</summary>
    public (string Body, int? Schema) Of(ulong number)
    {
        string subject = $"{People[number % 8]} went from {Places[number / 8 % 8]} to {Places[number / 64 % 8]} at the age of {20 + (number % 50)} with {number % 9} bags.";
        var body = new JsonObject
        {
            ["model"] = modelId, ["stream"] = true, ["stream_options"] = new JsonObject { ["include_usage"] = true },
            ["seed"] = (long)number, ["max_tokens"] = tokens,
        };
        if (number / 2 % 2 == 0) body["temperature"] = 1;
        else (body["temperature"], body["top_p"]) = (0.7, 0.9);
        bool isConstrained = number % 2 == 1;
        body["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = (isConstrained ? "Extract: " : "Tell me about this: ") + subject });
        if (!isConstrained)
        {
            // A stream that never ends before its budget: the longer it runs, the more faults it meets.
            var bias = new JsonObject();
            foreach (int end in endTokens) bias[$"{end}"] = -100;
            body["logit_bias"] = bias;
            if (number % 4 == 0) body["logprobs"] = true;
            return (body.ToJsonString(), null);
        }
        int schema = (int)(number / 2 % (ulong)Schemas.Count);
        if (number % 8 == 1) body["n"] = 2;
        body["response_format"] = new JsonObject
        {
            ["type"] = "json_schema", ["json_schema"] = new JsonObject { ["name"] = $"schema{schema}", ["strict"] = true, ["schema"] = JsonNode.Parse(Schemas[schema]) },
        };
        return (body.ToJsonString(), schema);
    }

    public static JsonElement Parse(string body) => JsonDocument.Parse(body).RootElement;
}
