using System.Text;
using Cluster.Grammar.Masks;
using Cluster.Grammar.Tests.Oracle;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tests;

/// <summary>The engine through its public boundary, over a vocabulary of single bytes: every prefix, every budget.</summary>
public sealed class GrammarMatcherTests
{
    private static readonly Vocabulary _bytes =
        new([.. Enumerable.Range(0, 256).Select(static x => new[] { (byte)x }), []], [], [256]);

    private static readonly GrammarOptions _any = new() { Order = PropertyOrder.Any, Spelling = Spelling.Any, Whitespace = Whitespace.Bounded };

    [Theory]
    [InlineData(ReferenceSiblings.AsDialect, "4", true)]
    [InlineData(ReferenceSiblings.Enforced, "4", false)]
    [InlineData(ReferenceSiblings.Enforced, "3", true)]
    [InlineData(ReferenceSiblings.Enforced, "2.5", false)]
    public void Matcher_KeywordsBesideAReferenceOfDraft7_CountWhereAskedFor(ReferenceSiblings siblings, string document, bool isValid)
    {
        const string schema = """{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/i","$id":"http://other/","maximum":3,"definitions":{"i":{"type":"integer"}}}""";
        Assert.Equal(isValid, Accepts(schema, document, _any with { ReferenceSiblings = siblings }));
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}""", """{"a":1}""", true)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}""", """{}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false}""", """{"\u0061":1}""", true)]
    [InlineData("""{"type":"object"}""", """{"a":1,"a":2}""", false)]
    [InlineData("""{"type":"object"}""", """{"a":1,"\u0061":2}""", false)]
    [InlineData("""{"properties":{"a":{"type":"integer"}}}""", """{"\u0061":"x"}""", false)]
    [InlineData("""{"oneOf":[{"type":"integer"},{"minimum":2}]}""", "3", false)]
    [InlineData("""{"oneOf":[{"type":"integer"},{"minimum":2}]}""", "1", true)]
    [InlineData("""{"oneOf":[{"required":["a"]},{"required":["b"]}]}""", """{"b":0,"a":0}""", false)]
    [InlineData("""{"if":{"properties":{"k":{"const":"x"}},"required":["k"]},"then":{"required":["v"]}}""", """{"k":"x"}""", false)]
    [InlineData("""{"if":{"properties":{"k":{"const":"x"}},"required":["k"]},"then":{"required":["v"]}}""", """{"k":"xy"}""", true)]
    [InlineData("""{"not":{"required":["a"]}}""", """{"a":1}""", false)]
    [InlineData("""{"contains":{"const":1},"minContains":2,"maxContains":2}""", "[1,0,1]", true)]
    [InlineData("""{"contains":{"const":1},"minContains":2,"maxContains":2}""", "[1,1,1]", false)]
    [InlineData("""{"uniqueItems":true}""", """[1,"1",1.0]""", false)]
    [InlineData("""{"uniqueItems":true}""", """[{"a":1,"b":2},{"b":2,"a":1}]""", false)]
    [InlineData("""{"uniqueItems":true}""", """[[1],[2],["a","b"],["a"]]""", true)]
    [InlineData("""{"items":{"uniqueItems":true},"uniqueItems":true}""", """[[1,2],[2,1],[1,2]]""", false)]
    [InlineData("""{"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":false}""", """{"a":1,"b":1}""", false)]
    [InlineData("""{"$ref":"#/$defs/t","$defs":{"t":{"type":"object","properties":{"n":{"$ref":"#/$defs/t"}},"additionalProperties":false}}}""", """{"n":{"n":{}}}""", true)]
    [InlineData("""{"minProperties":2,"propertyNames":{"pattern":"^[ab]$"}}""", """{"a":0,"b":0}""", true)]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""", """{"a":0}""", false)]
    public void Matcher_Document_AcceptedAsValidationSays(string schema, string document, bool isValid)
        => Assert.Equal(isValid, Accepts(schema, document));

    [Theory]
    [InlineData("""{"$ref":"#"}""", SchemaRejectionKind.Unsatisfiable)]
    [InlineData("""{"type":"object","required":["a"],"properties":{"a":{"$ref":"#"}}}""", SchemaRejectionKind.Unsatisfiable)]
    [InlineData("""{"type":"object","required":["a"],"additionalProperties":false}""", SchemaRejectionKind.Unsatisfiable)]
    [InlineData("""{"type":"strin"}""", SchemaRejectionKind.Malformed)]
    [InlineData("""{"$ref":"#/nowhere"}""", SchemaRejectionKind.Malformed)]
    [InlineData("""{"$ref":"http://example.com/s"}""", SchemaRejectionKind.UnsupportedKeyword)]
    [InlineData("""{""", SchemaRejectionKind.Malformed)]
    public void Compile_BadSchema_TypedRejection(string schema, SchemaRejectionKind kind)
    {
        CompileResult result = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, schema, _any));
        Assert.Null(result.Grammar);
        Assert.Equal(kind, result.Rejections[0].Kind);
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","minLength":3,"maxLength":2}},"required":["a"]}""", "/properties/a")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","minLength":3,"maxLength":2},"b":{"type":"array","minItems":1,"prefixItems":[false]}},"required":["b"]}""", "/properties/b/prefixItems/0")]
    [InlineData("""{"type":["object","string"],"maxLength":0,"minLength":1,"properties":{"a":false},"required":["a"]}""", "")]
    [InlineData("""{"allOf":[{"type":"string"},{"enum":[]}]}""", "/allOf/1")]
    [InlineData("""{"allOf":[{"type":"string"},{"type":"number"}]}""", "")]
    [InlineData("""{"type":"object","required":["a"],"properties":{"a":{"$ref":"#"}}}""", "/properties/a")]
    public void Compile_WhereNoValueIs_NamesTheDeepestPlaceThatHasNone(string schema, string pointer)
    {
        SchemaRejection rejection = Assert.Single(GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, schema, _any)).Rejections);
        Assert.Equal(SchemaRejectionKind.Unsatisfiable, rejection.Kind);
        Assert.Equal(pointer, rejection.JsonPointer);
    }

    [Fact]
    public void Compile_HalfASurrogatePairInTheText_IsMalformed()
    {
        CompileResult result = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, "{\"const\":\"\ud800\"}", _any));
        Assert.Equal(SchemaRejectionKind.Malformed, Assert.Single(result.Rejections).Kind);
    }

    [Theory]
    [InlineData("""{"properties":{"x":{"allOf":[{"oneOf":[{"required":["a"]},{"required":["b"]}]},{"oneOf":[{"required":["c"]},{"required":["d"]}]},{"minProperties":1}],"type":"object"}},"required":["x"],"type":"object"}""", "/properties/x/allOf", "allOf")]
    [InlineData("""{"type":"array","items":{"type":"object","dependentRequired":{"a":["b"],"b":["c"]},"not":{"maxProperties":1}},"minItems":1}""", "/items/dependentRequired", "dependentRequired")]
    public void Compile_FuelJustEnoughAndOneLess_WorksAndNamesThePlace(string schema, string pointer, string keyword)
    {
        CompileResult Compile(long fuel) => GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, schema, _any with { CompileFuel = fuel }));
        long needed = Compile(long.MaxValue).Grammar!.Report.Fuel;
        Assert.Equal(needed, Compile(needed).Grammar!.Report.Fuel);
        SchemaRejection rejection = Assert.Single(Compile(needed - 1).Rejections);
        Assert.Equal((SchemaRejectionKind.TooLarge, pointer, keyword), (rejection.Kind, rejection.JsonPointer, rejection.Keyword));
        Assert.True(rejection.FuelSpent >= needed);
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"name":{"type":"string","minLength":2},"age":{"type":"integer"}},"required":["name","age"]}""")]
    [InlineData("""{"type":"array","items":{"enum":["red","green"]},"minItems":2}""")]
    [InlineData("""{"anyOf":[{"type":"object","minProperties":2},{"const":"0123456789"}]}""")]
    [InlineData("""{"type":"array","contains":{"const":{"type":"null"}},"minContains":2,"maxContains":3}""")]
    public void Matcher_AnyBudgetFromTheBoundUp_EndsComplete(string schema)
    {
        var grammar = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, schema, new GrammarOptions())).Grammar!;
        GrammarMatcher start = GrammarMatcher.Start(grammar, _bytes);
        var random = new Random(7);
        for (int budget = start.TokensToComplete; budget < start.TokensToComplete + 40; budget++)
        {
            GrammarMatcher matcher = start;
            for (int left = budget; left > 0 && !(matcher.IsComplete && left < 2); left--)
            {
                TokenMask mask = matcher.GetMask(left);
                int[] allowed = [.. Enumerable.Range(0, 257).Where(mask.Allows)];
                Assert.NotEmpty(allowed);
                int token = allowed[random.Next(allowed.Length)];
                Assert.True(matcher.TryAdvance(token, out matcher));
                if (token == 256) break;
            }
            Assert.True(matcher.IsComplete);
        }
    }

    [Theory]
    [InlineData("""{"type":"object"}""", """{ "a": 0 , "b": [ 1 ] }""")]
    [InlineData("""{"anyOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"a":{"type":"integer"}},"required":["a","b"]}],"type":"object"}""", """{"a":"x"}""")]
    [InlineData("""{"type":"array","items":{"type":"array"}}""", """[ [] , [ 0 ] ]""")]
    public void GetMask_EveryPlaceAndBudget_AllowsWhatStillFits(string schema, string document)
    {
        var grammar = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, schema, _any)).Grammar!;
        GrammarMatcher matcher = GrammarMatcher.Start(grammar, _bytes);
        foreach (byte value in Encoding.UTF8.GetBytes(document))
        {
            GrammarMatcher here = matcher;
            int[] costs = [.. Enumerable.Range(0, 257).Select(token =>
                !here.TryAdvance(token, out GrammarMatcher next) ? int.MaxValue : token == 256 ? 0 : 1 + next.TokensToComplete)];
            for (int left = Math.Max(1, here.TokensToComplete); left < here.TokensToComplete + 12; left++)
            {
                TokenMask mask = here.GetMask(left);
                Assert.Equal(Enumerable.Range(0, 257).Where(token => costs[token] <= left), Enumerable.Range(0, 257).Where(mask.Allows));
            }
            Assert.True(matcher.TryAdvance(value, out matcher));
        }
    }

    [Theory]
    [InlineData(1_000_001, false)]
    [InlineData(1_000_002, true)]
    public void GetMask_TextOfAMillionCharacters_IsBegunOnlyWhereItFits(int tokensLeft, bool isAllowed)
    {
        var grammar = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, """{"minLength":1000000}""", new GrammarOptions())).Grammar!;
        GrammarMatcher start = GrammarMatcher.Start(grammar, _bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(isAllowed, start.GetMask(tokensLeft).Allows('"'));
        Assert.Equal(isAllowed, start.GetMask(tokensLeft).Allows('"'));
        Assert.True(start.GetMask(tokensLeft).Allows('0'));
        // A few texts of that length at most; no table of so many states.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 128L << 20);
    }

    [Fact]
    public void ForcedBytes_OnlyOneWayOn_AreGiven()
    {
        const string schema = """{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}""";
        var options = new GrammarOptions { Whitespace = Whitespace.Compact };
        var grammar = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, schema, options)).Grammar!;
        Assert.Equal("""{"name":""" + "\"", Encoding.UTF8.GetString(GrammarMatcher.Start(grammar, _bytes).GetForcedBytes().Span));
    }

    private static bool Accepts(string schema, string document, GrammarOptions? options = null)
    {
        CompileResult result = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, schema, options ?? _any));
        Assert.True(result.Grammar is not null, string.Join(';', result.Rejections));
        GrammarMatcher matcher = GrammarMatcher.Start(result.Grammar, _bytes);
        foreach (byte value in Encoding.UTF8.GetBytes(document))
        {
            bool isAllowed = matcher.GetMask().Allows(value);
            Assert.Equal(isAllowed, matcher.TryAdvance(value, out GrammarMatcher next));
            if (!isAllowed) return false;
            matcher = next;
        }
        return matcher.GetMask().Allows(256);
    }

    /// <summary>A branch of the strings that nothing short enough ends: its length must neither be written out nor wrap around.</summary>
    [Fact]
    public void Budget_BesideABranchOfEndlessStrings_IsKept()
    {
        Vocabulary vocabulary = OracleVocabulary.Full();
        CompiledGrammar grammar = GrammarCompiler.Compile(
            new GrammarSpec(GrammarKind.JsonSchema, """{"anyOf":[{"type":"string","pattern":"^[ab]*$"},{"type":"string","minLength":1e300}]}""", new GrammarOptions())).Grammar!;
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            GrammarMatcher matcher = GrammarMatcher.Start(grammar, vocabulary);
            for (int left = matcher.TokensToComplete + random.Next(12); !matcher.IsComplete; left--)
            {
                Assert.InRange(matcher.TokensToComplete, 1, left);
                int[] ids = EngineWalk.Ids(matcher.GetMask(left));
                Assert.True(matcher.TryAdvance(ids[random.Next(ids.Length)], out matcher));
            }
        }
    }
}
