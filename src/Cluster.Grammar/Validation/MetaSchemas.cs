using System.Text;

namespace Cluster.Grammar.Validation;

/// <summary>
/// What the published meta-schemas accept, in our own words: one flat document for each release, under its published address, so that a
/// schema may <c>$ref</c> them. Their vocabularies are not separate documents here.
/// </summary>
internal static class MetaSchemas
{
    private const string Common = """
        "count":{"type":"integer","minimum":0},"names":{"type":"array","items":{"type":"string"},"uniqueItems":true},
        "typeName":{"enum":["array","boolean","integer","null","number","object","string"]}
        """;

    private const string Assertions = """
        "title":{"type":"string"},"description":{"type":"string"},"$comment":{"type":"string"},"readOnly":{"type":"boolean"},
        "writeOnly":{"type":"boolean"},"examples":{"type":"array"},"format":{"type":"string"},"contentEncoding":{"type":"string"},
        "contentMediaType":{"type":"string"},"multipleOf":{"type":"number","exclusiveMinimum":0},"maximum":{"type":"number"},
        "minimum":{"type":"number"},"maxLength":{"$ref":"#/D/count"},"minLength":{"$ref":"#/D/count"},
        "pattern":{"type":"string","format":"regex"},"maxItems":{"$ref":"#/D/count"},"minItems":{"$ref":"#/D/count"},
        "uniqueItems":{"type":"boolean"},"maxProperties":{"$ref":"#/D/count"},"minProperties":{"$ref":"#/D/count"},
        "required":{"$ref":"#/D/names"},"type":{"anyOf":[{"$ref":"#/D/typeName"},
        {"type":"array","items":{"$ref":"#/D/typeName"},"minItems":1,"uniqueItems":true}]}
        """;

    private const string Applicators = """
        "definitions":{"$ref":"#/D/map"},"properties":{"$ref":"#/D/map"},"patternProperties":{"allOf":[{"$ref":"#/D/map"},
        {"propertyNames":{"format":"regex"}}]},"additionalProperties":SELF,"propertyNames":SELF,"contains":SELF,"not":SELF,"if":SELF,
        "then":SELF,"else":SELF,"allOf":{"$ref":"#/D/list"},"anyOf":{"$ref":"#/D/list"},"oneOf":{"$ref":"#/D/list"},
        "dependencies":{"type":"object","additionalProperties":{"anyOf":[SELF,{"$ref":"#/D/names"}]}}
        """;

    private const string Lists = """
        "map":{"type":"object","additionalProperties":SELF},"list":{"type":"array","minItems":1,"items":SELF}
        """;

    private const string NumericBounds = """
        "exclusiveMaximum":{"type":"number"},"exclusiveMinimum":{"type":"number"}
        """;

    private const string Since201909 = """
        "$defs":{"$ref":"#/D/map"},"dependentSchemas":{"$ref":"#/D/map"},
        "dependentRequired":{"type":"object","additionalProperties":{"$ref":"#/D/names"}},"minContains":{"$ref":"#/D/count"},
        "maxContains":{"$ref":"#/D/count"},"unevaluatedItems":SELF,"unevaluatedProperties":SELF,"contentSchema":SELF,
        "deprecated":{"type":"boolean"},"$vocabulary":{"type":"object","propertyNames":{"type":"string","format":"uri"},
        "additionalProperties":{"type":"boolean"}},"$id":{"type":"string","format":"uri-reference","pattern":"^[^#]*#?$"},
        "$schema":{"type":"string","format":"uri"},"$ref":{"type":"string","format":"uri-reference"}
        """;

    private const string ItemsOfOld = """
        "items":{"anyOf":[SELF,{"$ref":"#/D/list"}]},"additionalItems":SELF
        """;

    private static readonly Dictionary<string, byte[]> Texts = new(StringComparer.Ordinal)
    {
        ["http://json-schema.org/draft-04/schema"] = Write("id", "http://json-schema.org/draft-04/schema#", "{\"$ref\":\"#\"}", "[\"object\"]",
            ItemsOfOld, "\"exclusiveMaximum\":{\"type\":\"boolean\"},\"exclusiveMinimum\":{\"type\":\"boolean\"},\"id\":{\"type\":\"string\"}",
            "\"enum\":{\"type\":\"array\",\"minItems\":1,\"uniqueItems\":true}"),
        ["http://json-schema.org/draft-06/schema"] = Write("$id", "http://json-schema.org/draft-06/schema#", "{\"$ref\":\"#\"}",
            "[\"object\",\"boolean\"]", ItemsOfOld, NumericBounds, "\"enum\":{\"type\":\"array\"},\"$id\":{\"type\":\"string\",\"format\":\"uri-reference\"}"),
        ["http://json-schema.org/draft-07/schema"] = Write("$id", "http://json-schema.org/draft-07/schema#", "{\"$ref\":\"#\"}",
            "[\"object\",\"boolean\"]", ItemsOfOld, NumericBounds, "\"enum\":{\"type\":\"array\"},\"$id\":{\"type\":\"string\",\"format\":\"uri-reference\"}"),
        ["https://json-schema.org/draft/2019-09/schema"] = Write("$id", "https://json-schema.org/draft/2019-09/schema",
            "{\"$recursiveRef\":\"#\"}", "[\"object\",\"boolean\"]", ItemsOfOld, NumericBounds, Since201909 + ",\"enum\":{\"type\":\"array\"}"),
        ["https://json-schema.org/draft/2020-12/schema"] = Write("$id", "https://json-schema.org/draft/2020-12/schema",
            "{\"$dynamicRef\":\"#meta\"}", "[\"object\",\"boolean\"]", "\"items\":SELF,\"prefixItems\":{\"$ref\":\"#/D/list\"}", NumericBounds,
            Since201909 + ",\"enum\":{\"type\":\"array\"}"),
    };

    public static ReadOnlyMemory<byte>? Find(string uri)
    {
        if (Texts.TryGetValue(uri, out byte[]? text)) return text;
        string other = uri.StartsWith("https:", StringComparison.Ordinal) ? "http:" + uri[6..] : uri.StartsWith("http:", StringComparison.Ordinal) ? "https:" + uri[5..] : uri;
        return Texts.TryGetValue(other, out text) ? text : null;
    }

    private static byte[] Write(string idKeyword, string id, string self, string types, params string[] properties)
    {
        string anchor = self.Contains("recursive", StringComparison.Ordinal) ? "\"$recursiveAnchor\":true,"
            : self.Contains("dynamic", StringComparison.Ordinal) ? "\"$dynamicAnchor\":\"meta\"," : "";
        string text = $$"""
            {"$schema":"{{id}}","{{idKeyword}}":"{{id}}",{{anchor}}"type":{{types}},
            "definitions":{ {{Common}},{{Lists}} },
            "properties":{ {{Assertions}},{{Applicators}},{{string.Join(',', properties)}} } }
            """;
        return Encoding.UTF8.GetBytes(text.Replace("SELF", self, StringComparison.Ordinal).Replace("#/D/", "#/definitions/", StringComparison.Ordinal));
    }
}
