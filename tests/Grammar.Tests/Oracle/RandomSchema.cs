using System.Text.Json.Nodes;

namespace Cluster.Grammar.Tests.Oracle;

/// <summary>Small random schemas over every keyword. Keys, strings and numbers come from few values, so that keywords meet.</summary>
internal sealed class RandomSchema(Random random)
{
    private static readonly string[] Keys = ["a", "b", "ab", "c"];
    private static readonly string[] Patterns = ["^a", "b$", "^[ab]*$", "a.?b", "^(ab|ba)+$", "^$", "[^a]", "^.{2}$", "^(?!a)", "\\d"];
    private static readonly string[] Scalars = ["null", "true", "false", "0", "1", "2", "-1", "1.5", "10", "\"\"", "\"a\"", "\"b\"", "\"ab\"", "\"ba\""];
    private static readonly string[] Types = ["null", "boolean", "integer", "number", "string", "array", "object"];

    public string Next(int depth = 2) => (Pick(20) == 0 ? JsonValue.Create(true) : Schema(depth))!.ToJsonString();

    /// <summary>A small value, valid or not.</summary>
    public JsonNode? Value(int depth) => Pick(depth > 0 ? 5 : 3) switch
    {
        3 => new JsonArray([.. Enumerable.Range(0, Pick(4)).Select(_ => Value(depth - 1))]),
        4 => new JsonObject(Some(Keys).Select(key => KeyValuePair.Create(key, Value(depth - 1)))),
        _ => JsonNode.Parse(One(Scalars)),
    };

    private JsonNode Schema(int depth)
    {
        if (Pick(16) == 0) return JsonValue.Create(Pick(3) > 0);
        var schema = new JsonObject();
        string type = One(Types);
        if (Pick(4) > 0) schema["type"] = Pick(5) == 0 ? new JsonArray([.. Some(Types).Append(type).Distinct().Select(it => JsonValue.Create(it))]) : type;
        for (int i = Pick(4); i >= 0; i--) AddKeyword(schema, type, depth);
        if (depth > 0 && Pick(3) == 0) AddLogic(schema, depth - 1);
        return schema;
    }

    private void AddKeyword(JsonObject schema, string type, int depth)
    {
        switch (type)
        {
            case "integer" or "number": AddNumber(schema); break;
            case "string": AddString(schema); break;
            case "array": AddArray(schema, depth - 1); break;
            case "object": AddObject(schema, depth - 1); break;
            default: if (Pick(3) == 0) AddEnum(schema); break;
        }
    }

    private void AddEnum(JsonObject schema)
    {
        if (Pick(3) == 0) schema["const"] = Value(1);
        else schema["enum"] = new JsonArray([.. Enumerable.Range(0, 1 + Pick(4)).Select(_ => Value(1))]);
    }

    private void AddNumber(JsonObject schema)
    {
        switch (Pick(7))
        {
            case 0: schema["minimum"] = Number(); break;
            case 1: schema["maximum"] = Number(); break;
            case 2: schema["exclusiveMinimum"] = Number(); break;
            case 3: schema["exclusiveMaximum"] = Number(); break;
            case 4: schema["multipleOf"] = JsonNode.Parse(One(["2", "0.5", "3", "1", "0.1"])); break;
            case 5: AddEnum(schema); break;
        }
    }

    private void AddString(JsonObject schema)
    {
        switch (Pick(6))
        {
            case 0: schema["minLength"] = Pick(3); break;
            case 1: schema["maxLength"] = Pick(4); break;
            case 2 or 3: schema["pattern"] = One(Patterns); break;
            case 4: AddEnum(schema); break;
            default: if (Pick(4) == 0) schema["format"] = One(["date", "ipv4", "uuid", "json-pointer"]); break;
        }
    }

    private void AddArray(JsonObject schema, int depth)
    {
        switch (Pick(9))
        {
            case 0 or 1: schema["items"] = Sub(depth); break;
            case 2: schema["prefixItems"] = new JsonArray([.. Enumerable.Range(0, 1 + Pick(2)).Select(_ => Sub(depth))]); break;
            case 3: schema["minItems"] = Pick(3); break;
            case 4: schema["maxItems"] = Pick(4); break;
            case 5:
                schema["uniqueItems"] = true;
                schema["items"] ??= new JsonObject { ["enum"] = new JsonArray([.. Some(Scalars).Append("1").Select(it => JsonNode.Parse(it))]) };
                break;
            case 6:
                schema["contains"] = Sub(depth);
                if (Pick(2) == 0) schema["minContains"] = Pick(3);
                if (Pick(2) == 0) schema["maxContains"] = Pick(3);
                break;
            case 7: if (Pick(2) == 0) schema["unevaluatedItems"] = Sub(depth); break;
        }
    }

    private void AddObject(JsonObject schema, int depth)
    {
        switch (Pick(13))
        {
            case <= 3: schema["properties"] = new JsonObject(Some(Keys).Select(key => KeyValuePair.Create(key, (JsonNode?)Sub(depth)))); break;
            case <= 5: schema["required"] = new JsonArray([.. Some(Keys).Select(it => JsonValue.Create(it))]); break;
            case 6: schema["additionalProperties"] = Pick(2) == 0 ? false : Sub(depth); break;
            case 7: schema["patternProperties"] = new JsonObject(Some(Patterns).Take(2).Select(it => KeyValuePair.Create(it, (JsonNode?)Sub(depth)))); break;
            case 8: schema["propertyNames"] = new JsonObject { [One(["maxLength", "minLength"])] = 1 + Pick(2) }; break;
            case 9: schema[One(["minProperties", "maxProperties"])] = Pick(4); break;
            case 10: schema["dependentRequired"] = new JsonObject { [One(Keys)] = new JsonArray(JsonValue.Create(One(Keys))) }; break;
            case 11: schema["dependentSchemas"] = new JsonObject { [One(Keys)] = Sub(depth) }; break;
            default: schema["unevaluatedProperties"] = Pick(2) == 0 ? false : Sub(depth); break;
        }
    }

    private void AddLogic(JsonObject schema, int depth)
    {
        switch (Pick(6))
        {
            case 0: schema["anyOf"] = List(depth); break;
            case 1: schema["oneOf"] = List(depth); break;
            case 2: schema["allOf"] = List(depth); break;
            case 3: schema["not"] = Sub(depth); break;
            case 4:
                schema["if"] = Sub(depth);
                if (Pick(3) > 0) schema["then"] = Sub(depth);
                if (Pick(3) > 0) schema["else"] = Sub(depth);
                break;
            default:
                schema["$defs"] = new JsonObject { ["d"] = Sub(depth) };
                schema["$ref"] = "#/$defs/d";
                // Only the root's own definitions are at that pointer.
                break;
        }
    }

    private JsonNode Sub(int depth)
    {
        var schema = depth <= 0 ? JsonNode.Parse(One([$$"""{"type":"{{One(Types)}}"}""", $$"""{"const":{{One(Scalars)}}}""", "true", """{"type":"integer","minimum":1}""", """{"type":"string","maxLength":1}"""]))! : Schema(depth);
        if (schema is JsonObject written && written.Remove("$ref")) written.Remove("$defs");
        return schema;
    }

    private JsonArray List(int depth) => new([.. Enumerable.Range(0, 2 + Pick(2)).Select(_ => Sub(depth))]);

    private JsonNode Number() => JsonNode.Parse(One(["0", "1", "2", "-1", "1.5", "10", "0.05"]))!;

    private int Pick(int count) => random.Next(count);

    private string One(IReadOnlyList<string> list) => list[random.Next(list.Count)];

    private List<string> Some(IEnumerable<string> list) => [.. list.Where(_ => random.Next(2) == 0)];
}
