using System.Text;

namespace Cluster.Grammar.Tests.Oracle;

/// <summary>Schemas made to hurt. Small ones stand in hostile/*.txt, one a line; these are too large for a file.</summary>
public static class HostileSchemas
{
    /// <summary>Name and text.</summary>
    public static IEnumerable<(string Name, string Schema)> Generated()
    {
        yield return ("100,000 levels of items", Repeat("{\"items\":", 100_000) + "{}" + Repeat("}", 100_000));
        yield return ("100,000 levels of not", Repeat("{\"not\":", 100_000) + "{}" + Repeat("}", 100_000));
        yield return ("100,000 levels of allOf", Repeat("{\"allOf\":[", 100_000) + "{}" + Repeat("]}", 100_000));
        yield return ("100,000 levels of array in enum", "{\"enum\":[" + Repeat("[", 100_000) + Repeat("]", 100_000) + "]}");
        yield return ("100,000 open brackets", Repeat("[", 100_000));
        yield return ("100,000 enum values", "{\"enum\":[" + string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"\"value {i}\"")) + "]}");
        yield return ("20,000 enum numbers", "{\"enum\":[" + string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"{i}.5")) + "]}");
        yield return ("a pattern of a million characters", $$"""{"type":"string","pattern":"{{Repeat("ab", 500_000)}}"}""");
        yield return ("a pattern of 100,000 groups", $$"""{"type":"string","pattern":"{{Repeat("(", 100_000)}}a{{Repeat(")", 100_000)}}"}""");
        yield return ("a pattern of 10,000 alternatives", $$"""{"type":"string","pattern":"^({{string.Join('|', Enumerable.Range(0, 10_000).Select(i => $"w{i}"))}})$"}""");
        yield return ("10,000 properties", "{\"type\":\"object\",\"properties\":{" + string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"\"p{i}\":{{\"type\":\"string\"}}")) + "}}");
        yield return ("5,000 required of nothing declared", "{\"type\":\"object\",\"required\":[" + string.Join(',', Enumerable.Range(0, 5_000).Select(i => $"\"p{i}\"")) + "]}");
        yield return ("300 patternProperties", "{\"type\":\"object\",\"patternProperties\":{" + string.Join(',', Enumerable.Range(0, 300).Select(i => $"\"a{i}.*b\":{{\"minimum\":{i}}}")) + "}}");
        yield return ("2^16 combinations of oneOf", "{\"allOf\":[" + string.Join(',', Enumerable.Range(0, 16).Select(i => $$"""{"oneOf":[{"required":["a{{i}}"]},{"required":["b{{i}}"]}]}""")) + "],\"type\":\"object\"}");
        yield return ("40 conditionals", "{\"type\":\"object\",\"allOf\":[" + string.Join(',', Enumerable.Range(0, 40).Select(i => $$"""{"if":{"required":["a{{i}}"]},"then":{"required":["b{{i}}"]},"else":{"properties":{"c{{i}}":false} } }""")) + "]}");
        yield return ("200 patterns at once", "{\"type\":\"string\",\"allOf\":[" + string.Join(',', Enumerable.Range(0, 200).Select(i => $$"""{"pattern":"a.{{{i % 20}}}{{(char)('a' + i % 26)}}"}""")) + "]}");
        yield return ("1,000 anyOf of 20 properties", "{\"anyOf\":[" + string.Join(',', Enumerable.Range(0, 1000).Select(i => "{\"type\":\"object\",\"properties\":{" + string.Join(',', Enumerable.Range(0, 20).Select(j => $"\"k{j}\":{{\"const\":{i + j}}}")) + "}}")) + "]}");
        yield return ("10,000 $ref in a row", "{\"$defs\":{" + string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"\"d{i}\":{{\"$ref\":\"#/$defs/d{i + 1}\"}}")) + ",\"d10000\":{\"type\":\"null\"}},\"$ref\":\"#/$defs/d0\"}");
        yield return ("a doubling chain of allOf refs", "{\"$defs\":{" + string.Join(',', Enumerable.Range(0, 60).Select(i => $$"""{{"\""}}d{{i}}{{"\""}}:{"allOf":[{"$ref":"#/$defs/d{{i + 1}}"},{"$ref":"#/$defs/d{{i + 1}}"}]}""")) + ",\"d60\":{\"type\":\"null\"}},\"$ref\":\"#/$defs/d0\"}");
        yield return ("a doubling chain of required properties", "{\"$defs\":{" + string.Join(',', Enumerable.Range(0, 40).Select(i => $$"""{{"\""}}d{{i}}{{"\""}}:{"type":"object","required":["a","b"],"properties":{"a":{"$ref":"#/$defs/d{{i + 1}}"},"b":{"$ref":"#/$defs/d{{i + 1}}"} } }""")) + ",\"d40\":{\"type\":\"null\"}},\"$ref\":\"#/$defs/d0\"}");
        yield return ("a key of a million characters", $$"""{"type":"object","properties":{"{{Repeat("k", 1_000_000)}}":true},"required":["{{Repeat("k", 1_000_000)}}"]}""");
        yield return ("a number of 100,000 digits", $$"""{"type":"integer","minimum":{{Repeat("9", 100_000)}}}""");
        yield return ("a nest of minItems", Repeat("""{"type":"array","minItems":1000,"items":""", 6) + "{\"type\":\"null\"}" + Repeat("}", 6));
        yield return ("50,000 prefixItems", "{\"prefixItems\":[" + string.Join(',', Enumerable.Repeat("{}", 50_000)) + "]}");
        yield return ("a thousand dependentRequired", "{\"type\":\"object\",\"dependentRequired\":{" + string.Join(',', Enumerable.Range(0, 1000).Select(i => $"\"k{i}\":[\"k{i + 1}\"]")) + "}}");
        yield return ("broken UTF-16", "{\"const\":\"\ud800\"}");
    }

    private static string Repeat(string part, int count) => new StringBuilder(part.Length * count).Insert(0, part, count).ToString();
}
