using System.Runtime.CompilerServices;
using System.Text;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tests;

/// <summary>What a grammar holds as it is used, and for how long: it outlives the vocabularies of models that were replaced.</summary>
public sealed class GrammarLifeTests
{
    private const string Person = """
        {"type":"object","properties":{"name":{"type":"string","pattern":"^[A-Z][a-z]{1,20}$"},"note":{"type":"string","maxLength":40},"age":{"type":"integer","minimum":0,"maximum":150},
        "kind":{"enum":["one","two","three"]},"tags":{"type":"array","uniqueItems":true,"items":{"type":"string"}}},"required":["name","note","age","kind","tags"],"additionalProperties":false}
        """;

    public static TheoryData<GrammarKind, string, string> Kinds => new()
    {
        { GrammarKind.JsonSchema, Person, """{"name":"Jane","note":"two words","age":34,"kind":"two","tags":["a","b"]}""" },
        { GrammarKind.JsonObject, "", """{"a":[1,2.5,null,"x"]}""" },
        { GrammarKind.Regex, "[a-z]{3,30}( [0-9]+)?", "three 456" },
        { GrammarKind.Choice, """["yes","no","perhaps"]""", "perhaps" },
        { GrammarKind.Lark, "start: \"(\" start \")\" | /[a-z]+/", "((abc))" },
        { GrammarKind.StructuralTag, """{"type":"structural_tag","structures":[{"begin":"<f>","schema":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false},"end":"</f>"}],"triggers":["<f"]}""",
            """text <f>{"a":"b"}</f> more""" },
    };

    private static Vocabulary NewVocabulary() => new(
        [.. Enumerable.Range(0, 256).Select(static value => new[] { (byte)value }), .. new[] { "\":", "\",", "\"}", "an", "ane", "wo", "\": \"" }.Select(Encoding.UTF8.GetBytes), []], [], [263]);

    private static CompiledGrammar Compile(GrammarKind kind, string text)
    {
        CompileResult result = GrammarCompiler.Compile(new GrammarSpec(kind, text, new GrammarOptions()));
        return result.Grammar ?? throw new InvalidOperationException(result.Rejections[0].Message);
    }

    /// <summary>Reads the text under the grammar, with every mask on the way, over a vocabulary of its own.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Use(CompiledGrammar grammar, string text)
    {
        Vocabulary vocabulary = NewVocabulary();
        Use(grammar, vocabulary, text);
        return new WeakReference(vocabulary);
    }

    private static void Use(CompiledGrammar grammar, Vocabulary vocabulary, string text)
    {
        GrammarMatcher matcher = GrammarMatcher.Start(grammar, vocabulary);
        foreach (byte value in Encoding.UTF8.GetBytes(text))
        {
            Assert.True(matcher.GetMask().Allows(value));
            _ = matcher.GetMask(matcher.TokensToComplete);
            Assert.True(matcher.TryAdvance(value, out matcher));
        }
    }

    private static bool IsGone(WeakReference one)
    {
        for (int i = 0; i < 20 && one.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return !one.IsAlive;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Vocabulary_OfAReplacedModel_IsFreeToGo_WhileTheGrammarIsInUse(GrammarKind kind, string text, string document)
    {
        CompiledGrammar grammar = Compile(kind, text);
        WeakReference first = Use(grammar, document), second = Use(grammar, document);
        Assert.True(IsGone(first));
        Assert.True(IsGone(second));
        GC.KeepAlive(grammar);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Masks_OfAGrammarThatTheCacheDropped_GoWithOneCollection(GrammarKind kind, string text, string document)
    {
        Vocabulary vocabulary = NewVocabulary();
        using var cache = new GrammarCache(new GrammarCacheOptions { BytesMax = 1024 });
        WeakReference masks = await UseAsync(cache, new GrammarSpec(kind, text, new GrammarOptions()), vocabulary, document);
        for (int n = 0; n < 4; n++) await cache.GetAsync(new GrammarSpec(GrammarKind.JsonSchema, $$"""{"type":"integer","minimum":{{n}}}""", new GrammarOptions()), bestEffort: false, CancellationToken.None);
        Assert.Equal(1, cache.Snapshot().Entries);
        // Finalizers run only after it: a table that waits for its own would keep the masks.
        GC.Collect();
        Assert.False(masks.IsAlive);
        GC.KeepAlive(vocabulary);
    }

    private static async Task<WeakReference> UseAsync(GrammarCache cache, GrammarSpec spec, Vocabulary vocabulary, string document)
    {
        CompileResult result = await cache.GetAsync(spec, bestEffort: false, CancellationToken.None);
        Use(result.Grammar!, vocabulary, document);
        return new WeakReference(result.Grammar!.EngineOf(vocabulary));
    }

    [Fact]
    public void Hash_DependsOnAllOfTheSource_AndOnNothingElse()
    {
        var spec = new GrammarSpec(GrammarKind.JsonSchema, """{"type":"string"}""", new GrammarOptions());
        string hash = spec.Hash;
        Assert.Equal(64, hash.Length);
        Assert.Equal(hash, new GrammarSpec(GrammarKind.JsonSchema, """{"type":"string"}""", new GrammarOptions()).Hash);
        Assert.Equal(spec, new GrammarSpec(GrammarKind.JsonSchema, """{"type":"string"}""", new GrammarOptions()));
        Assert.NotEqual(hash, (spec with { Text = "{}" }).Hash);
        Assert.NotEqual(hash, (spec with { Kind = GrammarKind.Regex }).Hash);
        Assert.NotEqual(hash, (spec with { Options = new GrammarOptions { DigitsMax = 3 } }).Hash);
    }
}
