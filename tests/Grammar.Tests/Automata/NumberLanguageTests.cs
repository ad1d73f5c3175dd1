using System.Text;
using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Tests.Automata;

public class NumberLanguageTests
{
    private static Fuel Plenty => new(1_000_000);

    [Theory]
    [InlineData("1.0", true)]
    [InlineData("1e2", true)]
    [InlineData("1E5", true)]
    [InlineData("10e-1", true)]
    [InlineData("-0", true)]
    [InlineData("0.10", false)]
    [InlineData("1e-1", false)]
    [InlineData("00", false)]
    [InlineData("+1", false)]
    [InlineData("1.", false)]
    [InlineData(".5", false)]
    [InlineData("1e", false)]
    [InlineData("1e0002", false)]
    public void Integer_AnySpelling_IsByValue(string text, bool expected) =>
        Assert.Equal(expected, DfaText.Accepts(NumberLanguage.Integer.ToDfa(Spelling.Any, 40), text));

    [Theory]
    [InlineData("19.90", true)]
    [InlineData("5.0", true)]
    [InlineData("-0", false)]
    [InlineData("-0.0", false)]
    [InlineData("-0.5", true)]
    [InlineData("1e2", false)]
    public void All_Canonical_IsPlain(string text, bool expected) =>
        Assert.Equal(expected, DfaText.Accepts(NumberLanguage.All.ToDfa(Spelling.Canonical, 40), text));

    [Fact]
    public void Integer_Canonical_HasNoPoint()
    {
        var dfa = NumberLanguage.Integer.And(NumberLanguage.Range("-9007199254740991", "9007199254740991"))!.ToDfa(Spelling.Canonical, 40);
        Assert.True(DfaText.Accepts(dfa, "9007199254740991"));
        Assert.False(DfaText.Accepts(dfa, "9007199254740992"));
        Assert.Equal(ByteDfa.Dead, DfaText.Run(dfa, "9007199254740992"u8));
        Assert.Equal(ByteDfa.Dead, DfaText.Run(dfa, "1."u8));
    }

    [Theory]
    [InlineData("1e308", null, "1e308", true)]
    [InlineData("1e308", null, "9.99e307", false)]
    [InlineData(null, "1e-300", "1e-301", true)]
    [InlineData("0", "1e-300", "2e-300", false)]
    [InlineData("9007199254740993", "9007199254740993", "9007199254740993", true)]
    [InlineData("9007199254740993", "9007199254740993", "9007199254740992", false)]
    [InlineData("9223372036854775808", null, "9223372036854775807", false)]
    [InlineData("-1e999999999", "1e999999999", "123", true)]
    [InlineData("1e999999999", null, "1e999", false)]
    public void Range_ExtremeBounds_AreExact(string? min, string? max, string text, bool expected) =>
        Assert.Equal(expected, DfaText.Accepts(NumberLanguage.Range(min, max).ToDfa(Spelling.Any, 40), text));

    [Theory]
    [InlineData("0.01", "19.99", true)]
    [InlineData("0.01", "19.999", false)]
    [InlineData("0.0001", "0.0075", true)]
    [InlineData("0.0001", "0.00751", false)]
    [InlineData("1e-8", "12391239123e-8", true)]
    [InlineData("1e-8", "1e-9", false)]
    [InlineData("0.123456789", "1e308", false)]
    [InlineData("7", "49.000", true)]
    [InlineData("2.5", "1e1", true)]
    public void MultipleOf_Decimals_IsExact(string divisor, string text, bool expected) =>
        Assert.Equal(expected, DfaText.Accepts(NumberLanguage.MultipleOf(divisor).ToDfa(Spelling.Any, 40), text));

    [Fact]
    public void ToDfa_CanonicalBoundBeyondTheDigits_RaisesThem()
    {
        var dfa = NumberLanguage.Range("1e308", null).ToDfa(Spelling.Canonical, 40);
        Assert.Equal(309, dfa.ShortestCompletion(dfa.Start).Length);
        var small = NumberLanguage.Range("0", "1e-50", minExclusive: true).ToDfa(Spelling.Canonical, 40);
        Assert.NotEqual(ByteDfa.Dead, small.Start);
    }

    [Fact]
    public void ToDfa_DigitsAtAndPastTheBound_AreAcceptedAndRefused()
    {
        var dfa = NumberLanguage.All.ToDfa(Spelling.Any, 3);
        Assert.True(DfaText.Accepts(dfa, "123.456e789"));
        Assert.Equal(ByteDfa.Dead, DfaText.Run(dfa, "1234"u8));
        Assert.Equal(ByteDfa.Dead, DfaText.Run(dfa, "1.2345"u8));
        Assert.Equal(ByteDfa.Dead, DfaText.Run(dfa, "1e1234"u8));
    }

    [Fact]
    public void Literals_Canonical_HaveOneSpelling()
    {
        var dfa = NumberLanguage.Literals(["1.50", "1e2", "-0", "1e300", "2.5e-7"]).ToDfa(Spelling.Canonical, 40);
        foreach (var text in new[] { "1.5", "100", "0", "1e+300", "0.00000025" })
        {
            Assert.True(DfaText.Accepts(dfa, text), text);
        }
        Assert.False(DfaText.Accepts(dfa, "1.50"));
        Assert.False(DfaText.Accepts(dfa, "-0"));
    }

    [Theory]
    [InlineData(Spelling.Any)]
    [InlineData(Spelling.Canonical)]
    public void Literals_ExponentBeyondAllWriting_AreLeftOut(Spelling spelling)
    {
        var dfa = NumberLanguage.Literals(["1e99999999999999", "-3e-99999999999999", "7"]).ToDfa(spelling, 40);
        Assert.True(DfaText.Accepts(dfa, "7"));
        Assert.False(DfaText.Accepts(dfa, "1e+6000"));
        Assert.Equal(Answer.Yes, NumberLanguage.Literals(["1e99999999999999"]).IsEmpty(Plenty));
        Assert.False(NumberLanguage.Literals(["1e99999999999999"]).Not().IsEmpty(Plenty) == Answer.Yes);
    }

    [Fact]
    public void IsEmpty_BoundsAndDivisors_AreWeighed()
    {
        Assert.Equal(Answer.Yes, NumberLanguage.Range("3", "2").IsEmpty(Plenty));
        Assert.Equal(Answer.Yes, NumberLanguage.Integer.And(NumberLanguage.Range("1", "2", true, true))!.IsEmpty(Plenty));
        Assert.Equal(Answer.No, NumberLanguage.Integer.Not().And(NumberLanguage.Range("1", "2", true, true))!.IsEmpty(Plenty));
        Assert.Equal(Answer.Yes, NumberLanguage.MultipleOf("6").And(NumberLanguage.MultipleOf("3").Not())!.IsEmpty(Plenty));
        Assert.Equal(Answer.Yes, NumberLanguage.MultipleOf("1000000007").And(NumberLanguage.Range("1", "1000000006"))!.IsEmpty(Plenty));
    }

    [Fact]
    public void TryEnumerate_FiniteAndInfinite_AreToldApart()
    {
        Assert.Equal(Answer.Yes, NumberLanguage.MultipleOf("2.5").And(NumberLanguage.Range("0", "10"))!.TryEnumerate(10, Plenty, out var numbers));
        Assert.Equal(["0", "2.5", "5", "7.5", "10"], numbers);
        Assert.Equal(Answer.No, NumberLanguage.Range("0", "1").TryEnumerate(1_000, Plenty, out _));
        Assert.Equal(Answer.No, NumberLanguage.Integer.TryEnumerate(1_000, Plenty, out _));
    }

    [Fact]
    public void And_MoreThanSixDivisors_IsNull()
    {
        NumberLanguage? language = NumberLanguage.All;
        foreach (var divisor in new[] { "2", "3", "5", "7", "11", "13" })
        {
            language = language!.And(NumberLanguage.MultipleOf(divisor));
        }
        Assert.True(language!.Contains("30030"));
        Assert.Null(language.And(NumberLanguage.MultipleOf("17")));
    }

    [Fact]
    public void MultipleOf_ManyRemainders_CostsNoSearch()
    {
        var dfa = NumberLanguage.MultipleOf("1000000007").And(NumberLanguage.Range("1", null))!.ToDfa(Spelling.Canonical, 40);
        var state = DfaText.Run(dfa, "98765"u8);
        var text = "98765" + Encoding.ASCII.GetString(dfa.ShortestCompletion(state));
        Assert.Equal(0, System.Numerics.BigInteger.Parse(text) % 1_000_000_007);
        Assert.InRange(dfa.StateCount, 2, 100);
    }
}
