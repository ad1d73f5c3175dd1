using System.Collections.Concurrent;
using System.Text;
using Cluster.Grammar.Tests.Support;
using Cluster.Grammar.Validation;
using Cluster.Testing;

namespace Cluster.Grammar.Tests.Oracle;

/// <summary>Masks against the definition: all texts up to some length that the second reader puts in the language.</summary>
public sealed class ViablePrefixTests
{
    /// <summary>The bar is 0.9 over all; with white space of its own in a token, single modes lie a little below.</summary>
    private const double ExactBoundShareMin = 0.85;

    /// <summary>What any string can be spelled with: a vocabulary without it would be none for JSON.</summary>
    private const string SpellingAlphabet = "{}[]\":,\\/ 0123456789abcdefulnrstABCDEF-+.E";

    private static readonly ConcurrentDictionary<(string Schema, string Alphabet, int Length), string[]> Found = new();

    /// <summary>Schema, alphabet, longest text. The alphabets are small so that all texts can be tried.</summary>
    public static TheoryData<string, string, int> Schemas => new()
    {
        { """{"type":"object","properties":{"a":{"type":"integer"},"b":{"enum":[1,"a"]}},"required":["a"],"additionalProperties":false}""", "{}\":,ab1", 12 },
        { """{"type":"object","properties":{"a":{"const":1},"ab":{"const":2}},"additionalProperties":{"const":"a"},"maxProperties":2}""", "{}\":,ab12", 12 },
        { """{"type":"object","required":["a"],"maxProperties":1,"additionalProperties":{"type":"array","maxItems":1,"items":{"const":1}}}""", "{}\":,a[]1", 12 },
        { """{"type":"array","items":{"type":"integer","minimum":0,"maximum":11},"minItems":1,"maxItems":2}""", "[],01-.e", 8 },
        { """{"type":"array","items":{"enum":[1,10,"a"]},"uniqueItems":true}""", "[],01\"a.", 10 },
        { """{"type":"array","items":{"enum":[1,10,"a",[1]]},"uniqueItems":true,"minItems":2,"maxItems":3}""", "[],01\"a.", 10 },
        { """{"type":"array","prefixItems":[{"enum":[1,10]},{"enum":[1,0]}],"items":{"enum":[10,0,11]},"uniqueItems":true,"minItems":3,"maxItems":3}""", "[],01", 9 },
        { """{"type":"array","items":{"enum":[0,1,11]},"contains":{"enum":[1,11]},"minContains":2,"uniqueItems":true}""", "[],01", 9 },
        { """{"type":"array","contains":{"const":1},"minContains":1,"maxContains":2,"items":{"enum":[0,1]},"maxItems":3}""", "[],01", 8 },
        { """{"type":"array","items":{"$ref":"#"},"maxItems":2}""", "[], ", 9 },
        { """{"type":"number","multipleOf":0.5,"maximum":1}""", "-015.e", 6 },
        { """{"type":"integer","exclusiveMinimum":-2,"maximum":10}""", "-01.e+", 6 },
        { """{"not":{"type":["string","array","object","integer"]}}""", "truefalsn01.", 6 },
        { """{"type":"string","pattern":"^(a|ba)+$","maxLength":4}""", "\"ab\\", 9 },
        { """{"type":"string","minLength":1,"maxLength":2,"not":{"const":"a"}}""", "\"ab\\n", 7 },
        { """{"type":"string","pattern":"^a{1,2}$"}""", "\"a\\u061", 8 },
        { """{"enum":["a","ab",1,null,[1],{"a":1}]}""", "\"ab1.[]{}:nul", 8 },
        { """{"oneOf":[{"type":"object","required":["a"]},{"type":"object","required":["b"]}],"maxProperties":2,"propertyNames":{"maxLength":1},"additionalProperties":{"const":1}}""", "{}\":,ab1", 12 },
        { """{"type":"object","if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"required":["b"]},"else":{"maxProperties":1},"additionalProperties":{"enum":[1,2]},"propertyNames":{"enum":["a","b"]}}""", "{}\":,ab12", 12 },
        { """{"type":"object","dependentRequired":{"a":["b"]},"patternProperties":{"^[ab]$":{"const":1}},"additionalProperties":false}""", "{}\":,ab1", 12 },
        { """{"type":"object","anyOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":{"const":1}},"required":["b"]}],"unevaluatedProperties":false}""", "{}\":,ab1", 12 },
        { """{"type":"object","properties":{"a":{"type":"object","properties":{"a":{"$ref":"#"}},"additionalProperties":false}},"required":["a"],"additionalProperties":false}""", "{}\":,a ", 14 },
    };

    public static TheoryData<PropertyOrder, Spelling, Whitespace> Options => new(
        from order in Enum.GetValues<PropertyOrder>()
        from spelling in Enum.GetValues<Spelling>()
        from whitespace in Enum.GetValues<Whitespace>()
        select (order, spelling, whitespace));

    [Theory]
    [MemberData(nameof(Options))]
    public void Masks_AllTextsOfSmallAlphabets_AreViablePrefixes(PropertyOrder order, Spelling spelling, Whitespace whitespace)
    {
        var options = new GrammarOptions { Order = order, Spelling = spelling, Whitespace = whitespace, WhitespaceBytesMax = 1, DigitsMax = 3, DepthMax = 16 };
        var failures = new List<string>();
        int states = 0, exact = 0, bounds = 0;
        foreach (var (schema, alphabet, lengthMax) in Schemas.Select(row => row.Data))
        {
            string letters = whitespace != Whitespace.Bounded || alphabet.Contains(' ') ? alphabet : alphabet + ' ';
            // Refused as a whole by name; the row counts again once it is not.
            if (EngineWalk.Compile(schema, options).Rejections.Any(it => it.Keyword is "unevaluatedProperties")) continue;
            var oracle = Check(schema, letters, whitespace is Whitespace.Bounded ? Math.Min(lengthMax, FullRun.Scale(8, 9)) : lengthMax, options);
            failures.AddRange(oracle.Failures.Select(it => $"{schema}\n    {it}"));
            states += oracle.States;
            exact += oracle.Bounds.Exact;
            bounds += oracle.Bounds.Of;
        }
        Assert.True(failures.Count == 0, $"{failures.Count} failures:\n{string.Join("\n", failures)}");
        Assert.True(states > 500, $"only {states} states");
        Assert.True(exact >= ExactBoundShareMin * bounds, $"the bound is exact in {exact} of {bounds} states");
    }

    private static ViablePrefixOracle Check(string schema, string alphabet, int lengthMax, GrammarOptions options)
    {
        var validator = ValidatorOf(schema);
        var rules = new TextRules(options, schema);
        bool IsInLanguage(string text) => validator.Validate(SchemaSuite.Utf8(text)).IsValid && rules.Allow(text);
        var compiled = EngineWalk.Compile(schema, options);
        Assert.True(compiled.Grammar is not null, $"{schema}: {compiled.Rejections.FirstOrDefault()}");
        var oracle = new ViablePrefixOracle(compiled.Grammar, OracleVocabulary.Of(alphabet + SpellingAlphabet), IsInLanguage);
        var texts = ValidTexts(schema, alphabet, lengthMax)
            .SelectMany(text => options.Whitespace is Whitespace.Spaced or Whitespace.CompactOrSpaced ? [text, TextRules.Spaced(text)] : (string[])[text])
            .Where(text => (options.Spelling == Spelling.Any || TextRules.IsPlain(text)) && rules.Allow(text));
        oracle.Check(texts.Distinct().Take(FullRun.Scale(80, 20_000)), FullRun.Scale(60, 3000));
        return oracle;
    }

    /// <summary>All texts over the alphabet that validate, found once for every option.</summary>
    private static string[] ValidTexts(string schema, string alphabet, int lengthMax)
        => Found.GetOrAdd((schema, alphabet, lengthMax), key =>
        {
            var validator = ValidatorOf(key.Schema);
            // Strings may hold every character: only where the schema is about strings are long ones tried.
            int stringMax = key.Schema.StartsWith("{\"type\":\"string\"", StringComparison.Ordinal) ? key.Length : 2;
            return [.. TextEnumerator.All(key.Alphabet, key.Length, stringMax).Where(text => validator.Validate(SchemaSuite.Utf8(text)).IsValid)];
        });

    private static SchemaValidator ValidatorOf(string schema)
    {
        Assert.True(SchemaValidator.TryCreate(Encoding.UTF8.GetBytes(schema), new ValidatorOptions(), out var validator, out _));
        return validator!;
    }
}
