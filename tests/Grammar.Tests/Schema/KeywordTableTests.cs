using System.Text;
using Cluster.Grammar.Tests.Oracle;
using Cluster.Grammar.Tests.Support;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tests.Schema;

/// <summary>
/// The README's table of keywords, written by what the engine does: each row's probes are compiled and walked. With CLUSTER_WRITE=1 the
/// table is written anew, else a table that lies fails.
/// </summary>
public sealed class KeywordTableTests
{
    private const string Begin = "<!-- keywords: written by KeywordTableTests -->", End = "<!-- /keywords -->";

    private static readonly Vocabulary Tokens = OracleVocabulary.Full();

    /// <summary>A keyword in a schema, documents that validate and documents that do not because of the keyword.</summary>
    private sealed record Probe(string Keyword, string Schema, string[] Valid, string[] Invalid, string Note = "");

    private const string Draft7 = "\"$schema\":\"http://json-schema.org/draft-07/schema#\",";
    private const string Draft2019 = "\"$schema\":\"https://json-schema.org/draft/2019-09/schema\",";

    private static readonly Probe[] _probes =
    [
        new("type", """{"type":["integer","null"]}""", ["1", "null"], ["\"a\"", "1.5"]),
        new("enum", """{"enum":[1,"a",{"b":[null]}]}""", ["1", "\"a\"", """{"b":[null]}"""], ["2", "{}"]),
        new("const", """{"const":{"a":1,"b":2}}""", ["""{"a":1,"b":2}"""], ["""{"a":1}"""]),
        new("multipleOf", """{"type":"number","multipleOf":0.01}""", ["0.07", "19.99"], ["0.075"], "in exact decimals"),
        new("minimum", """{"type":"number","minimum":9007199254740993}""", ["9007199254740993"], ["9007199254740992"], "in exact decimals"),
        new("maximum", """{"type":"number","maximum":0.1}""", ["0.1", "-3"], ["0.11"], "in exact decimals"),
        new("exclusiveMinimum", """{"type":"integer","exclusiveMinimum":1}""", ["2"], ["1"]),
        new("exclusiveMaximum", """{"type":"integer","exclusiveMaximum":1}""", ["0"], ["1"]),
        new("minLength", """{"type":"string","minLength":2}""", ["\"ab\"", "\"😀é\""], ["\"😀\""], "in code points"),
        new("maxLength", """{"type":"string","maxLength":1}""", ["\"😀\"", "\"\\u0041\""], ["\"ab\""], "in code points"),
        new("pattern", """{"type":"string","pattern":"^a(?!b).*\\d$"}""", ["\"ac1\""], ["\"ab1\"", "\"ac\""], "ECMA-262 with look-arounds; back-references are refused"),
        new("format", """{"type":"string","format":"date"}""", ["\"2024-02-29\""], ["\"2023-02-29\""], "see below"),
        new("items", """{"type":"array","items":{"type":"null"}}""", ["[]", "[null]"], ["[1]"]),
        new("prefixItems", """{"type":"array","prefixItems":[{"const":1}]}""", ["[1,2]", "[]"], ["[2]"]),
        new("additionalItems", "{" + Draft7 + """ "type":"array","items":[{}],"additionalItems":{"const":1}}""", ["[0,1]"], ["[0,2]"], "to draft 2019-09"),
        new("minItems", """{"type":"array","minItems":2}""", ["[1,1]"], ["[1]"]),
        new("maxItems", """{"type":"array","maxItems":1}""", ["[1]"], ["[1,1]"]),
        new("uniqueItems", """{"type":"array","uniqueItems":true}""", ["[1,2]"], ["[1,1.0]"], "by value"),
        new("contains", """{"type":"array","contains":{"const":1}}""", ["[0,1]"], ["[0]", "[]"]),
        new("minContains", """{"type":"array","contains":{"const":1},"minContains":2}""", ["[1,0,1]"], ["[1]"]),
        new("maxContains", """{"type":"array","contains":{"const":1},"maxContains":1}""", ["[1]"], ["[1,1]"]),
        new("unevaluatedItems", """{"type":"array","prefixItems":[{}],"unevaluatedItems":false}""", ["[1]"], ["[1,2]"]),
        new("properties", """{"type":"object","properties":{"a":{"const":1}}}""", ["""{"a":1}"""], ["""{"a":2}"""]),
        new("patternProperties", """{"type":"object","patternProperties":{"^a":{"const":1}}}""", ["""{"ab":1,"b":2}"""], ["""{"ab":2}"""]),
        new("additionalProperties", """{"type":"object","properties":{"a":true},"additionalProperties":{"const":1}}""", ["""{"a":0,"b":1}"""], ["""{"b":0}"""]),
        new("propertyNames", """{"type":"object","propertyNames":{"maxLength":1}}""", ["""{"a":0}"""], ["""{"ab":0}"""]),
        new("required", """{"type":"object","required":["a"]}""", ["""{"b":0,"a":1}"""], ["{}"]),
        new("minProperties", """{"type":"object","minProperties":1}""", ["""{"a":0}"""], ["{}"]),
        new("maxProperties", """{"type":"object","maxProperties":1}""", ["""{"a":0}"""], ["""{"a":0,"b":0}"""]),
        new("dependentRequired", """{"type":"object","dependentRequired":{"a":["b"]}}""", ["""{"a":0,"b":0}""", "{}"], ["""{"a":0}"""]),
        new("dependentSchemas", """{"type":"object","dependentSchemas":{"a":{"minProperties":2}}}""", ["""{"a":0,"b":0}"""], ["""{"a":0}"""]),
        new("dependencies", "{" + Draft7 + """ "type":"object","dependencies":{"a":["b"]}}""", ["""{"a":0,"b":0}"""], ["""{"a":0}"""]),
        new("unevaluatedProperties", """{"type":"object","anyOf":[{"properties":{"a":true}}],"unevaluatedProperties":false}""", ["""{"a":0}"""], ["""{"b":0}"""]),
        new("allOf", """{"allOf":[{"type":"integer"},{"minimum":3}]}""", ["3"], ["2", "3.5"]),
        new("anyOf", """{"anyOf":[{"type":"null"},{"const":1}]}""", ["1"], ["2"]),
        new("oneOf", """{"oneOf":[{"type":"integer"},{"minimum":3}]}""", ["1"], ["3"], "exactly one"),
        new("not", """{"not":{"type":"integer"}}""", ["1.5"], ["1"]),
        new("if", """{"if":{"type":"integer"},"then":{"minimum":3}}""", ["3", "null"], ["2"]),
        new("then", """{"if":true,"then":{"const":1}}""", ["1"], ["2"]),
        new("else", """{"if":false,"else":{"const":1}}""", ["1"], ["2"]),
        new("$ref", """{"$defs":{"a":{"const":1}},"$ref":"#/$defs/a"}""", ["1"], ["2"], "also recursive; other documents only when registered. The server enforces what stands beside it in every draft"),
        new("$dynamicRef", """{"$dynamicAnchor":"a","type":"array","items":{"$dynamicRef":"#a"}}""", ["[[]]"], ["[1]"]),
        new("$recursiveRef", "{" + Draft2019 + """ "$recursiveAnchor":true,"type":"array","items":{"$recursiveRef":"#"}}""", ["[[]]"], ["[1]"], "draft 2019-09"),
        new("$defs", """{"$defs":{"a":false}}""", ["1"], []),
        new("definitions", """{"definitions":{"a":false}}""", ["1"], []),
        new("$anchor", """{"$anchor":"a"}""", ["1"], []),
        new("$dynamicAnchor", """{"$dynamicAnchor":"a"}""", ["1"], []),
        new("$id", """{"$id":"http://example.com/a"}""", ["1"], []),
        new("$schema", """{"$schema":"https://json-schema.org/draft/2020-12/schema"}""", ["1"], [], "chooses the dialect: draft-04 to 2020-12"),
        new("$comment", """{"$comment":"c"}""", ["1"], []),
        new("title", """{"title":"t"}""", ["1"], []),
        new("description", """{"description":"d"}""", ["1"], []),
        new("default", """{"default":1}""", ["2"], []),
        new("examples", """{"examples":[1]}""", ["2"], []),
        new("deprecated", """{"deprecated":true}""", ["1"], []),
        new("readOnly", """{"readOnly":true}""", ["1"], []),
        new("writeOnly", """{"writeOnly":true}""", ["1"], []),
        new("contentMediaType", """{"contentMediaType":"text/plain"}""", ["\"a\""], []),
        new("contentEncoding", """{"contentEncoding":"base64"}""", ["\"!\""], [], "enforced under the option `Content`: base64, base64url, base32, base16"),
        new("contentSchema", """{"contentSchema":false}""", ["\"a\""], []),
    ];

    private static readonly string[] _formats =
    [
        "date", "time", "date-time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri", "uri-reference", "iri", "iri-reference",
        "uri-template", "uuid", "regex", "json-pointer", "relative-json-pointer", "an unknown one",
    ];

    [Fact]
    public void Readme_KeywordTable_SaysWhatTheEngineDoes()
    {
        string table = Table();
        string path = Path.Combine(SharedData.RepositoryRoot, "README.md");
        string readme = File.ReadAllText(path);
        int begin = readme.IndexOf(Begin, StringComparison.Ordinal), end = readme.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= 0 && end > begin, "README.md has no place for the table");
        string written = readme[..(begin + Begin.Length)] + "\n" + table + readme[end..];
        if (Environment.GetEnvironmentVariable("CLUSTER_WRITE") == "1") File.WriteAllText(path, written);
        else Assert.True(readme == written, $"README.md's table of keywords lies; run this test with CLUSTER_WRITE=1. It should read:\n{table}");
    }

    [Fact]
    public void Compile_ContentEncodingAsserted_IsEnforced()
    {
        const string schema = """{"type":"string","contentEncoding":"base64"}""";
        CompileResult result = EngineWalk.Compile(schema, new GrammarOptions { Content = ContentMode.Assert });
        Assert.Equal(KeywordTreatment.Enforced, result.Grammar!.Report.Keywords.Single(static x => x.Keyword == "contentEncoding").Treatment);
        Assert.True(EngineWalk.Accepts(result.Grammar, Tokens, "\"aGk=\""));
        Assert.False(EngineWalk.Accepts(result.Grammar, Tokens, "\"aGk\""));
        CompileResult other = EngineWalk.Compile("""{"contentEncoding":"quoted-printable"}""", new GrammarOptions { Content = ContentMode.Assert });
        Assert.Equal(KeywordTreatment.Annotation, other.Grammar!.Report.Keywords.Single().Treatment);
    }

    private static string Table()
    {
        var rows = new StringBuilder("| keyword | | |\n|:--|:--|:--|\n");
        foreach (Probe probe in _probes) rows.Append($"| `{probe.Keyword}` | {Name(TreatmentOf(probe))} | {probe.Note} |\n");
        foreach (var group in _formats.GroupBy(FormatTreatmentOf))
        {
            rows.Append($"\nFormats {Name(group.Key)}: {string.Join(", ", group.Select(static x => x.Contains(' ', StringComparison.Ordinal) ? x : $"`{x}`"))}.\n");
        }
        return rows.ToString();
    }

    private static string Name(KeywordTreatment treatment) => treatment switch
    {
        KeywordTreatment.Enforced => "enforced",
        KeywordTreatment.Annotation => "annotation",
        _ => "refused by name",
    };

    /// <summary>What the report says, which must be what the masks do.</summary>
    private static KeywordTreatment TreatmentOf(Probe probe)
    {
        CompileResult result = EngineWalk.Compile(probe.Schema, new GrammarOptions { Order = PropertyOrder.Any, Spelling = Spelling.Any });
        if (result.Grammar is not { } grammar)
        {
            Assert.Equal(probe.Keyword, result.Rejections[0].Keyword);
            return KeywordTreatment.Refused;
        }
        KeywordTreatment treatment = Assert.Single(grammar.Report.Keywords, x => x.Keyword == probe.Keyword && x.JsonPointer.Count(static c => c == '/') <= 3).Treatment;
        foreach (string document in probe.Valid) Assert.True(EngineWalk.Accepts(grammar, Tokens, document), $"{probe.Schema} refuses {document}");
        foreach (string document in probe.Invalid) Assert.False(EngineWalk.Accepts(grammar, Tokens, document), $"{probe.Schema} accepts {document}");
        Assert.Equal(treatment == KeywordTreatment.Enforced, probe.Invalid.Length > 0);
        return treatment;
    }

    private static KeywordTreatment FormatTreatmentOf(string format)
    {
        CompileResult result = EngineWalk.Compile($$"""{"type":"string","format":"{{format}}"}""", new GrammarOptions());
        return result.Grammar is { } grammar ? grammar.Report.Keywords.Single(static x => x.Keyword == "format").Treatment : KeywordTreatment.Refused;
    }
}
