using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cluster.Grammar.Tests.Oracle;
using Cluster.Tokenization;

namespace Cluster.Grammar.Tests.Kinds;

/// <summary>Free text with tags in it: the language, the budget, the trace of tags, and what is refused.</summary>
public sealed class StructuralTagTests
{
    // Name, source, the same as a .NET expression, alphabet, length.
    private static readonly (string Name, string Source, string Pattern, string Alphabet, int Length)[] _cases =
    [
        ("one tag", """{"triggers":["<f"],"structures":[{"begin":"<f>","schema":{"enum":[1,"a"]},"end":"</f>"}]}""",
            """^(?:(?:(?!<f).)*<f>(?:1|"a")</f>)*(?:(?!<f).)*$""", "<f>1/", 8),
        ("two tags of one trigger", """{"triggers":["<"],"structures":[{"begin":"<a","schema":{"const":1},"end":">"},{"begin":"<b","schema":{"type":"integer"},"end":">"}]}""",
            """^(?:[^<]*<(?:a1|b(?:0|-?[1-9][0-9]*|-0))>)*[^<]*$""", "<ab1>-", 7),
        ("at least one", """{"format":{"type":"triggered_tags","triggers":["<"],"at_least_one":true,"tags":[{"begin":"<","content":{"type":"json_schema","json_schema":{"const":1}},"end":">"}]}}""",
            """^(?:[^<]*<1>)+[^<]*$""", "<1>x", 8),
        ("stop after first", """{"format":{"type":"triggered_tags","triggers":["<"],"stop_after_first":true,"tags":[{"begin":"<","content":{"type":"json_schema","json_schema":{"const":1}},"end":">"}]}}""",
            """^[^<]*(?:<1>)?$""", "<1>x", 8),
        ("exactly one", """{"format":{"type":"triggered_tags","triggers":["<"],"at_least_one":true,"stop_after_first":true,"tags":[{"begin":"<","content":{"type":"json_schema","json_schema":{"const":1}},"end":">"}]}}""",
            """^[^<]*<1>$""", "<1>x", 8),
        ("separated", """{"format":{"type":"tags_with_separator","separator":",","at_least_one":true,"tags":[{"begin":"[","content":{"type":"json_schema","json_schema":{"enum":[1,[]]}},"end":"]"}]}}""",
            """^\[(?:1|\[\])\](?:,\[(?:1|\[\])\])*$""", "[]1,", 8),
        ("separated or nothing, once", """{"format":{"type":"tags_with_separator","separator":",","stop_after_first":true,"tags":[{"begin":"[","content":{"type":"json_schema","json_schema":{"enum":[1,[]]}},"end":"]"}]}}""",
            """^(?:\[(?:1|\[\])\])?$""", "[]1,", 6),
        ("number without an end string", """{"triggers":["="],"structures":[{"begin":"=","schema":{"type":"integer"},"end":""}]}""",
            """^[^=]*(?:=(?:0|-?[1-9][0-9]*|-0)[^=]*)*$""", "=1-x", 6),
        ("content that looks like its end", """{"triggers":["<"],"structures":[{"begin":"<","schema":{"type":"integer"},"end":"1"}]}""",
            """^[^<]*(?:<(?:0|-?[1-9][0-9]*|-0)1[^<]*)*$""", "<1-x", 6),
        ("free text inside a tag", """{"format":{"type":"triggered_tags","triggers":["<a>"],"tags":[{"begin":"<a>","content":{"type":"any_text"},"end":"</a>"}]}}""",
            """^(?:(?:(?!<a>).)*<a>(?:(?!</a>).)*</a>)*(?:(?!<a>).)*$""", "<a>/", 9),
        ("thought, then an object", """{"format":{"type":"sequence","elements":[{"type":"tag","begin":"<","content":{"type":"any_text"},"end":">>"},{"type":"json_schema","json_schema":{"enum":[{},[]]}}]}}""",
            """^<(?:(?!>>).)*>>(?:\{\}|\[\])$""", "<>{}[]", 7),
        ("or", """{"format":{"type":"or","elements":[{"type":"const_string","value":"ab"},{"type":"tag","begin":"a","content":{"type":"json_schema","json_schema":{"const":1}},"end":"b"}]}}""",
            """^(?:ab|a1b)$""", "ab1", 4),
    ];

    public static TheoryData<string> Cases() => [.. _cases.Select(static x => x.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Mask_EveryPrefix_AllowsExactlyWhatBeginsAText(string name)
    {
        var (_, source, pattern, alphabet, length) = _cases.Single(x => x.Name == name);
        var regex = new Regex(pattern, RegexOptions.Singleline | RegexOptions.CultureInvariant);
        KindOracle.Check(GrammarKind.StructuralTag, source, alphabet, length, x => regex.IsMatch(x), 150);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Run_AnyBudgetFromTheBoundUp_EndsComplete(string name)
    {
        var (_, source, pattern, alphabet, _) = _cases.Single(x => x.Name == name);
        var regex = new Regex(pattern, RegexOptions.Singleline | RegexOptions.CultureInvariant);
        KindOracle.CheckClosing(GrammarKind.StructuralTag, source, x => regex.IsMatch(x), KindOracle.Tokens(alphabet));
    }

    [Fact]
    public void Tags_WholeText_TraceSaysWhereContentsStand()
    {
        const string source = """{"triggers":["<t="],"structures":[{"begin":"<t=a>","schema":{"type":"object"},"end":"</t>"},{"begin":"<t=b>","schema":{"type":"array"},"end":"</t>"}]}""";
        const string text = """hi <t=b>[1,2]</t> and <t=a>{"x":"</t>"}</t>!""";
        GrammarMatcher matcher = Walk(source, text);
        TagTrace second = matcher.Tags!;
        TagTrace first = second.Before!;
        Assert.Equal((1, "[1,2]"), (first.Tag, text[(int)first.ContentStart..(int)first.ContentEnd]));
        Assert.Equal((0, """{"x":"</t>"}"""), (second.Tag, text[(int)second.ContentStart..(int)second.ContentEnd]));
        Assert.Equal("<t=b>[1,2]</t>", text[(int)first.Start..(int)first.End]);
        Assert.Equal(2, second.Count);
        Assert.Null(first.Before);
        Assert.Equal(text.Length, matcher.SettledBytes);
    }

    [Fact]
    public void Tags_ByteByByte_NothingSettledIsTakenBack()
    {
        const string source = """{"triggers":["<t"],"structures":[{"begin":"<t=a>","schema":{"type":"object"},"end":"</t>"},{"begin":"<t=ab>","schema":{"type":"integer"},"end":"7"}]}""";
        const string text = """a < b <<t=ab>177 <t=a>{"x":1}</t>""";
        CompiledGrammar grammar = KindOracle.Compile(GrammarKind.StructuralTag, source);
        GrammarMatcher matcher = GrammarMatcher.Start(grammar, OracleVocabulary.Full());
        long settled = 0;
        var opened = new Dictionary<(int, long), TagTrace>();
        foreach (byte value in Encoding.UTF8.GetBytes(text))
        {
            Assert.True(matcher.TryAdvance(value, out matcher));
            Assert.True(matcher.SettledBytes >= settled);
            settled = matcher.SettledBytes;
            for (TagTrace? tag = matcher.Tags; tag is not null; tag = tag.Before) opened[(tag.Tag, tag.Start)] = tag;
        }
        Assert.Equal([(1, 7L), (0, 17L)], opened.Keys.OrderBy(static x => x.Item2));
        Assert.Equal(7 + "<t=ab>".Length, opened[(1, 7)].ContentStart);
        Assert.Equal(text.IndexOf('7', StringComparison.Ordinal) + 2, opened[(1, 7)].End + 0);
    }

    [Fact]
    public void SettledBytes_PartOfATrigger_AreHeldBack()
    {
        const string source = """{"triggers":["<tool>"],"structures":[{"begin":"<tool>","schema":{"type":"object"},"end":"</tool>"}]}""";
        Assert.Equal(3, Walk(source, "abc<too").SettledBytes);
        Assert.Equal(9, Walk(source, "abc<too k").SettledBytes);
        Assert.Null(Walk(source, "abc<too").Tags);
        Assert.Equal(-1, Walk(source, "abc<tool>{").Tags!.ContentEnd);
    }

    [Fact]
    public void Marker_InsideTheStringsOfTags_IsAllowedThereOnly()
    {
        byte[][] bytes = [.. Enumerable.Range(0, 256).Select(static x => new[] { (byte)x }), "<|call|>"u8.ToArray(), "<|end|>"u8.ToArray(), "</s>"u8.ToArray()];
        var vocabulary = new Vocabulary(bytes, [256, 257], [258]);
        CompiledGrammar grammar = KindOracle.Compile(GrammarKind.StructuralTag,
            """{"triggers":["<|call|>"],"structures":[{"begin":"<|call|>f","schema":{"const":1},"end":"<|end|>"}]}""");
        GrammarMatcher start = GrammarMatcher.Start(grammar, vocabulary);
        Assert.True(start.GetMask().Allows(256));
        Assert.False(start.GetMask().Allows(257));
        Assert.True(start.TryAdvance(256, out GrammarMatcher begun));
        Assert.False(begun.GetMask().Allows(256));
        Assert.Equal("f1", Encoding.UTF8.GetString(begun.GetForcedBytes().Span)); // not the end string: its marker is the better spelling
        Assert.True(begun.TryAdvance('f', out begun) && begun.TryAdvance('1', out begun));
        Assert.True(begun.GetMask().Allows(257) && !begun.GetMask().Allows(258));
        Assert.True(begun.TryAdvance(257, out GrammarMatcher ended) && ended.IsComplete);
        Assert.Equal(new TagTrace(0, 0, 9, 10, 17, null), ended.Tags);
        Assert.False(start.TryAdvance(257, out _));
    }

    [Fact]
    public void Mask_InsideAContent_IsTheContentsOwn()
    {
        // Nothing that ends the content can be part of a token here: the mask is shared, not copied.
        const string schema = """{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""";
        Vocabulary vocabulary = OracleVocabulary.Full();
        GrammarMatcher inTag = Walk($$"""{"triggers":["<t>"],"structures":[{"begin":"<t>","schema":{{schema}},"end":"</t>"}]}""", """<t>{"a":"x""");
        GrammarMatcher alone = GrammarMatcher.Start(KindOracle.Compile(GrammarKind.JsonSchema, schema), vocabulary);
        foreach (byte value in """{"a":"x"""u8) Assert.True(alone.TryAdvance(value, out alone));
        Assert.Equal(EngineWalk.Ids(alone.GetMask()), EngineWalk.Ids(inTag.GetMask()));
    }

    [Theory]
    [InlineData("", "", SchemaRejectionKind.Malformed)]
    [InlineData("[]", "", SchemaRejectionKind.Malformed)]
    [InlineData("""{"structures":[],"triggers":["<"]}""", "/structures", SchemaRejectionKind.Malformed)]
    [InlineData("""{"structures":[{"begin":"<","schema":{},"end":">"}]}""", "/triggers", SchemaRejectionKind.Malformed)]
    [InlineData("""{"structures":[{"begin":"<","schema":{},"end":">"}],"triggers":["x"]}""", "/structures/0/begin", SchemaRejectionKind.Malformed)]
    [InlineData("""{"structures":[{"begin":"","schema":{},"end":">"}],"triggers":["x"]}""", "/structures/0/begin", SchemaRejectionKind.Malformed)]
    [InlineData("""{"structures":[{"begin":"ab","schema":{},"end":">"}],"triggers":["ab","b"]}""", "/triggers", SchemaRejectionKind.Malformed)]
    [InlineData("""{"structures":[{"begin":"<","schema":{"type":"strin"},"end":">"}],"triggers":["<"]}""", "/structures/0/schema/type", SchemaRejectionKind.Malformed)]
    [InlineData("""{"structures":[{"begin":"<","schema":false,"end":">"}],"triggers":["<"]}""", "/structures/0/schema", SchemaRejectionKind.Unsatisfiable)]
    [InlineData("""{"structures":[{"begin":"<","schema":{},"end":">","note":1}],"triggers":["<"]}""", "/structures/0/note", SchemaRejectionKind.UnsupportedKeyword)]
    [InlineData("""{"format":{"type":"magic"}}""", "/format/type", SchemaRejectionKind.UnsupportedKeyword)]
    [InlineData("""{"format":{"type":"const_string","value":"\ud800"}}""", "/format/value", SchemaRejectionKind.Malformed)]
    [InlineData("""{"format":{"type":"sequence","elements":[{"type":"any_text"},{"type":"json_schema","json_schema":{}}]}}""", "/format/elements/0/type", SchemaRejectionKind.UnsupportedKeyword)]
    public void Compile_BadSource_TypedRejectionWithPointer(string source, string pointer, SchemaRejectionKind kind)
    {
        CompileResult result = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.StructuralTag, source, new GrammarOptions()));
        Assert.Null(result.Grammar);
        Assert.Equal((kind, pointer), (result.Rejections[0].Kind, result.Rejections[0].JsonPointer));
    }

    [Fact]
    public void Compile_AtAndPastTheBounds()
    {
        static SchemaRejectionKind? KindOf(string begin, int tags) => GrammarCompiler.Compile(new GrammarSpec(GrammarKind.StructuralTag,
            JsonSerializer.Serialize(new { triggers = new[] { "<" }, structures = Enumerable.Range(0, tags).Select(x => new { begin, schema = new { @const = x % 3 }, end = ">" }) }),
            new GrammarOptions())).Rejections.FirstOrDefault()?.Kind;
        Assert.Null(KindOf("<" + new string('a', 4_095), 1));
        Assert.Equal(SchemaRejectionKind.TooLarge, KindOf("<" + new string('a', 4_096), 1));
        Assert.Null(KindOf("<a", 1_024));
        Assert.Equal(SchemaRejectionKind.TooLarge, KindOf("<a", 1_025));
    }

    private static GrammarMatcher Walk(string source, string text)
    {
        GrammarMatcher matcher = GrammarMatcher.Start(KindOracle.Compile(GrammarKind.StructuralTag, source), OracleVocabulary.Full());
        foreach (byte value in Encoding.UTF8.GetBytes(text)) Assert.True(matcher.TryAdvance(value, out matcher), text);
        return matcher;
    }
}
