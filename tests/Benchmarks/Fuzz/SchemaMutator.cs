using System.Text;
using System.Text.Json.Nodes;

namespace Cluster.Benchmarks.Fuzz;

/// <summary>Makes a new schema of known ones: parts exchanged between two, values spoiled, and sometimes the bytes themselves.</summary>
internal static class SchemaMutator
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "3", "1e308", "1e-300", "1.5", "9007199254740993", "\"\"", "\"a\"", "\"^(a|b)*$\"", "[]", "{}", "[1]", "[\"a\"]",
        "{\"type\":\"string\"}", "{\"not\":{}}", "{\"$ref\":\"#\"}", "{\"minItems\":3}", "\"#\"", "\"\\u0000\"", "[{},{}]", "{\"a\":{}}", "100000", "\"integer\"", "\"object\"",
    ];

    private static readonly string[] Keywords =
    [
        "type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern", "format", "items", "prefixItems",
        "additionalItems", "contains", "minContains", "maxContains", "uniqueItems", "minItems", "maxItems", "properties", "required", "additionalProperties", "patternProperties",
        "propertyNames", "minProperties", "maxProperties", "dependentRequired", "dependentSchemas", "dependencies", "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
        "$ref", "$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$defs", "unevaluatedItems", "unevaluatedProperties", "$schema",
    ];

    public static string Mutate(IReadOnlyList<string> seeds, Random random)
    {
        string text = seeds[random.Next(seeds.Count)];
        if (random.Next(10) == 0) return MutateBytes(text, random);
        JsonNode? schema, other;
        try
        {
            schema = JsonNode.Parse(text);
            other = JsonNode.Parse(seeds[random.Next(seeds.Count)]);
            var holders = Containers(schema);
            var donors = Containers(other);
            for (int i = 1 + random.Next(4); i > 0 && holders.Count > 0; i--) MutateNode(holders[random.Next(holders.Count)], donors, random);
            return schema?.ToJsonString() ?? "null";
        }
        catch (Exception error) when (error is System.Text.Json.JsonException or ArgumentException or InvalidOperationException)
        {
            // Not JSON, a key twice, a lone surrogate: good seeds, but not for a tree.
            return MutateBytes(text, random);
        }
    }

    private static void MutateNode(JsonNode holder, List<JsonNode> donors, Random random)
    {
        var value = random.Next(2) == 0 || donors.Count == 0 ? JsonNode.Parse(Values[random.Next(Values.Length)]) : donors[random.Next(donors.Count)].DeepClone();
        if (holder is JsonObject members)
        {
            string key = members.Count > 0 && random.Next(2) == 0 ? members.ElementAt(random.Next(members.Count)).Key : Keywords[random.Next(Keywords.Length)];
            if (random.Next(4) == 0) members.Remove(key);
            else members[key] = value;
        }
        else if (holder is JsonArray items)
        {
            if (items.Count > 0 && random.Next(2) == 0) items[random.Next(items.Count)] = value;
            else items.Add(value);
        }
    }

    private static List<JsonNode> Containers(JsonNode? root)
    {
        var found = new List<JsonNode>();
        var open = new Stack<JsonNode?>();
        open.Push(root);
        while (open.TryPop(out var node))
        {
            if (node is JsonObject members)
            {
                found.Add(node);
                foreach (var member in members) open.Push(member.Value);
            }
            else if (node is JsonArray items)
            {
                found.Add(node);
                foreach (var item in items) open.Push(item);
            }
        }
        return found;
    }

    private static string MutateBytes(string text, Random random)
    {
        var mutated = new StringBuilder(text);
        for (int i = 1 + random.Next(3); i > 0 && mutated.Length > 0; i--)
        {
            int at = random.Next(mutated.Length);
            switch (random.Next(3))
            {
                case 0: mutated.Remove(at, Math.Min(mutated.Length - at, 1 + random.Next(5))); break;
                case 1: mutated.Insert(at, "{}[]\",:\\0ue-.\u00e9"[random.Next(14)]); break;
                default: mutated[at] = (char)random.Next(1, 128); break;
            }
        }
        return mutated.ToString();
    }
}
