using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Tests.Automata;

public class StringLanguageTests
{
    private static Fuel Plenty => new(10_000_000);

    [Fact]
    public void IsEmpty_Contradictions_AreFound()
    {
        Assert.Equal(Answer.Yes, StringLanguage.Pattern("^a").And(StringLanguage.Pattern("^b")).IsEmpty(Plenty));
        Assert.Equal(Answer.Yes, StringLanguage.Pattern("^[a-z]{3}$").And(StringLanguage.Length(4)).IsEmpty(Plenty));
        Assert.Equal(Answer.No, StringLanguage.Pattern("^(ab)*$").And(StringLanguage.Length(1000, 1001)).IsEmpty(Plenty));
        Assert.Equal(Answer.Yes, StringLanguage.Pattern("^(ab)*$").And(StringLanguage.Length(1001, 1001)).IsEmpty(Plenty));
        Assert.Equal(Answer.OutOfFuel, StringLanguage.Pattern("^(ab)*$").And(StringLanguage.Length(1001, 1001)).IsEmpty(new Fuel(50)));
    }

    [Fact]
    public void IsSubsetOf_Formats_IsDecided()
    {
        var date = StringLanguage.Format("date")!;
        Assert.Equal(Answer.Yes, date.IsSubsetOf(StringLanguage.Pattern(@"^\d{4}-\d\d-\d\d$"), Plenty));
        Assert.Equal(Answer.No, StringLanguage.Pattern(@"^\d{4}-\d\d-\d\d$").IsSubsetOf(date, Plenty));
        Assert.Equal(Answer.Yes, date.IsDisjointFrom(StringLanguage.Format("time")!, Plenty));
        Assert.Equal(Answer.Yes, StringLanguage.Format("uri")!.IsSubsetOf(StringLanguage.Format("iri")!, Plenty));
    }

    [Fact]
    public void TryEnumerate_FiniteAndInfinite_AreToldApart()
    {
        Assert.Equal(Answer.Yes, StringLanguage.Pattern("^[ab]{1,2}$").TryEnumerate(6, Plenty, out var texts));
        Assert.Equal(["a", "aa", "ab", "b", "ba", "bb"], texts.Order(StringComparer.Ordinal));
        Assert.Equal(Answer.No, StringLanguage.Pattern("^[ab]{1,2}$").TryEnumerate(5, Plenty, out _));
        Assert.Equal(Answer.No, StringLanguage.Pattern("^a*b$").And(StringLanguage.Pattern("c").Not()).TryEnumerate(100, Plenty, out _));
        Assert.Equal(Answer.Yes, StringLanguage.None.TryEnumerate(0, Plenty, out texts));
        Assert.Empty(texts);
    }

    [Fact]
    public void Literals_CanonicalSpelling_HasOneSpelling()
    {
        var dfa = StringLanguage.Literals(["a/\"\n\u0001é"]).ToDfa(Spelling.Canonical);
        Assert.True(DfaText.Accepts(dfa, "a/\\\"\\n\\u0001é\""));
        Assert.False(DfaText.Accepts(dfa, "a\\/\\\"\\n\\u0001é\""));
        Assert.False(DfaText.Accepts(dfa, "\\u0061/\\\"\\n\\u0001é\""));
        Assert.Equal("a/\\\"\\n\\u0001é\""u8.ToArray(), dfa.ShortestCompletion(dfa.Start).ToArray());
    }

    [Fact]
    public void Literals_FilteredByPattern_StayAList()
    {
        var kept = StringLanguage.Literals(["ab", "cd", "ax"]).And(StringLanguage.Pattern("^a")).ToDfa(Spelling.Canonical);
        Assert.True(DfaText.Accepts(kept, "ax\""));
        Assert.False(DfaText.Accepts(kept, "cd\""));
        Assert.False(DfaText.Accepts(kept, "\\u0061x\""));
    }

    [Fact]
    public void LiteralTrie_AnySpelling_TellsLiteralsApart()
    {
        var dfa = StringLanguage.LiteralTrie(["a", "ab", "b", "a", "", "😀"], Spelling.Any);
        Assert.Equal(0, dfa.LiteralAt(DfaText.Run(dfa, "a\""u8)));
        Assert.Equal(1, dfa.LiteralAt(DfaText.Run(dfa, "\\u0061b\""u8)));
        Assert.Equal(2, dfa.LiteralAt(DfaText.Run(dfa, "b\""u8)));
        Assert.Equal(4, dfa.LiteralAt(DfaText.Run(dfa, "\""u8)));
        Assert.Equal(5, dfa.LiteralAt(DfaText.Run(dfa, "\\uD83d\\ude00\""u8)));
        Assert.Equal(-1, dfa.LiteralAt(DfaText.Run(dfa, "a"u8)));
        Assert.Equal(ByteDfa.Dead, DfaText.Run(dfa, "c"u8));
    }

    [Fact]
    public void TryGetFreeText_LengthsOnly_SaysWhatIsLeft()
    {
        var dfa = StringLanguage.Length(2, 5).ToDfa(Spelling.Any);
        Assert.True(dfa.TryGetFreeText(DfaText.Run(dfa, "é"u8), out var min, out var max));
        Assert.Equal((1, 4), (min, max));
        Assert.False(dfa.TryGetFreeText(DfaText.Run(dfa, "\\"u8), out _, out _));
        Assert.False(StringLanguage.Pattern("a").ToDfa(Spelling.Any) is var search && search.TryGetFreeText(search.Start, out _, out _));
    }

    [Fact]
    public void ToDfa_EqualContent_IsShared()
    {
        Assert.Same(StringLanguage.Literals(["x", "y"]).ToDfa(Spelling.Any), StringLanguage.Literals(["x", "y"]).ToDfa(Spelling.Any));
        Assert.Same(StringLanguage.Length(1, 7).ToDfa(Spelling.Any), StringLanguage.Pattern("").And(StringLanguage.Length(1, 7)).ToDfa(Spelling.Any));
    }

    [Fact]
    public void ToDfa_FromManyThreads_GivesOneAutomaton()
    {
        var text = DfaText.Body("zehn zahme Ziegen 🐐");
        var dfa = StringLanguage.Pattern("Zieg").And(StringLanguage.Length(3, 90)).ToDfa(Spelling.Any);
        var ends = new int[16];
        Parallel.For(0, ends.Length, i => ends[i] = DfaText.Run(dfa, System.Text.Encoding.UTF8.GetBytes(text)));
        Assert.All(ends, end => Assert.Equal(ends[0], end));
        Assert.True(dfa.IsAccepting(ends[0]));
    }
}
