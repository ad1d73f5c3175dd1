using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Tests.Automata;

/// <summary>What a pattern means in ECMA-262 where .NET differs, and what is refused.</summary>
public class PatternTests
{
    [Theory]
    [InlineData(@"^\p{Script=Greek}+$", "αβγ", true)]
    [InlineData(@"^\p{Script=Greek}+$", "abc", false)]
    [InlineData(@"^\p{sc=Cyrl}$", "ж", true)]
    [InlineData(@"^\p{Lu}\p{Ll}*$", "Élan", true)]
    [InlineData(@"^\P{L}$", "a", false)]
    [InlineData(@"^\p{Letter}$", "𝒜", true)]
    [InlineData(@"^\p{Emoji_Presentation}$", "🐲", true)]
    [InlineData(@"^(\p{Extended_Pictographic}|\p{Emoji_Component})+$", "🇩🇪👍🏽", true)]
    [InlineData(@"^\p{Changes_When_Uppercased}$", "ß", true)]
    [InlineData(@"^\p{Grapheme_Extend}$", "\u0301", true)]
    [InlineData(@"^\d$", "٣", false)]
    [InlineData(@"^\w$", "é", false)]
    [InlineData(@"^\s$", "\u00a0", true)]
    [InlineData(@"^\s$", "\ufeff", true)]
    [InlineData(@"^\S$", "\u2003", false)]
    [InlineData("^.$", "🐲", true)]
    [InlineData("^.$", "\n", false)]
    [InlineData("^.$", "\u2028", false)]
    [InlineData("^[^]$", "\n", true)]
    [InlineData("[]", "a", false)]
    [InlineData(@"^\cC$", "\u0003", true)]
    [InlineData(@"^\u{1F432}$", "🐲", true)]
    [InlineData(@"^\uD83D\uDC32$", "🐲", true)]
    [InlineData(@"^[🐲-🐴]$", "🐳", true)]
    [InlineData(@"^\x41\u0042\103$", "ABC", true)]
    [InlineData(@"^[\w-.]+$", "a-b.c", true)]
    [InlineData(@"^\-\_\@$", "-_@", true)]
    [InlineData(@"^a{,2}$", "a{,2}", true)]
    [InlineData(@"^x{2,}?$", "xxx", true)]
    [InlineData(@"^(?<year>\d{4})$", "2024", true)]
    [InlineData("a$", "a\n", false)]
    [InlineData(@"^[\b]$", "\b", true)]
    [InlineData(@"^\0$", "\0", true)]
    [InlineData(@"^(?!io\.x\.)([a-z]+\.)*[a-z]+$", "io.x.y", false)]
    [InlineData(@"^(?!io\.x\.)([a-z]+\.)*[a-z]+$", "io.y.x", true)]
    [InlineData("^(?:(?!foo).)*$", "a food", false)]
    [InlineData("^(?:(?!foo).)*$", "a fold", true)]
    [InlineData(@"(?<=\$)\d+", "cost $12", true)]
    [InlineData(@"(?<!\$)\b\d+", "cost $12", false)]
    public void Pattern_Text_MatchesAsInEcma(string pattern, string text, bool expected)
    {
        var language = StringLanguage.Pattern(pattern);
        Assert.Equal(expected, language.Contains(text));
        Assert.Equal(expected, DfaText.Accepts(language.ToDfa(Spelling.Any), DfaText.Body(text)));
    }

    [Theory]
    [InlineData("(", LeafRefusalKind.Malformed)]
    [InlineData("a)", LeafRefusalKind.Malformed)]
    [InlineData("*", LeafRefusalKind.Malformed)]
    [InlineData("[a", LeafRefusalKind.Malformed)]
    [InlineData("[b-a]", LeafRefusalKind.Malformed)]
    [InlineData("a{2,1}", LeafRefusalKind.Malformed)]
    [InlineData("a{2}{3}", LeafRefusalKind.Malformed)]
    [InlineData(@"\", LeafRefusalKind.Malformed)]
    [InlineData("(?i)a", LeafRefusalKind.Malformed)]
    [InlineData(@"(a)\1", LeafRefusalKind.Unsupported)]
    [InlineData(@"(?<n>a)\k<n>", LeafRefusalKind.Unsupported)]
    [InlineData(@"\p{Klingon}", LeafRefusalKind.Unsupported)]
    public void TryPattern_Refused_SaysWhy(string pattern, LeafRefusalKind kind)
    {
        Assert.False(StringLanguage.TryPattern(pattern, out _, out var refusal));
        Assert.Equal(kind, refusal!.Kind);
    }

    [Fact]
    public void TryPattern_NestingAtAndPastTheBound_IsAcceptedAndRefused()
    {
        static string Nested(int depth) => new string('(', depth) + "a" + new string(')', depth);
        Assert.True(StringLanguage.TryPattern(Nested(250), out _, out _));
        Assert.False(StringLanguage.TryPattern(Nested(251), out _, out var refusal));
        Assert.Equal(LeafRefusalKind.TooLarge, refusal!.Kind);
    }

    [Fact]
    public void TryPattern_TermsAtAndPastTheBound_AreAcceptedAndRefused()
    {
        static string Classes(int count) => "^" + string.Concat(Enumerable.Repeat(".", count)) + "$";
        Assert.True(StringLanguage.TryPattern(Classes(30_000), out var language, out _));
        Assert.Equal(30_001, language.ToDfa(Spelling.Any).ShortestCompletion(language.ToDfa(Spelling.Any).Start).Length);
        Assert.False(StringLanguage.TryPattern(Classes(30_001), out _, out _));
    }

    [Theory]
    [InlineData("^(a|a)*b")]
    [InlineData("^((a*)*)*b$")]
    [InlineData("^a{1,100000}$")]
    [InlineData("^(a{0,1000}){0,1000}$")]
    [InlineData("^((ab?){0,1000}){0,1000}$")]
    [InlineData("a.{5,100}b")]
    [InlineData("^(?=.*a)(?=.*b)(?=.*c).{8,64}$")]
    public void Pattern_Explosive_StaysSmall(string pattern)
    {
        var dfa = StringLanguage.Pattern(pattern).ToDfa(Spelling.Any);
        var state = dfa.Start;
        for (var i = 0; i < 200 && state != ByteDfa.Dead; i++)
        {
            state = dfa.Next(state, (byte)'a');
            Assert.True(state == ByteDfa.Dead || dfa.ShortestCompletion(state).Length > 0);
        }
        Assert.InRange(dfa.StateCount, 2, 1_000);
        Assert.Equal(0, dfa.NarrowedStates);
    }

    [Fact]
    public void Pattern_MillionLetters_IsOneTrie()
    {
        var dfa = StringLanguage.Pattern("^" + new string('a', 1_000_000) + "$").ToDfa(Spelling.Any);
        Assert.Equal(1_000_001, dfa.ShortestCompletion(dfa.Start).Length);
    }
}
