using System.Text.RegularExpressions;
using Cluster.Grammar.Tests.Oracle;

namespace Cluster.Grammar.Tests.Kinds;

/// <summary>Patterns and lists of texts as whole outputs.</summary>
public sealed class RegexKindTests
{
    [Theory]
    [InlineData("a|bc", "abc", 4)]
    [InlineData("a*b{2,3}", "ab", 7)]
    [InlineData("(?:ab?)*c", "abc", 6)]
    [InlineData("^a|b$", "ab", 4)]
    [InlineData("(?=a)[ab]+", "ab", 5)]
    [InlineData("(?!.*bb)[ab]*", "ab", 6)]
    [InlineData("[ab]*(?<!b)", "ab", 6)]
    [InlineData(@"\ba+\b b?", "ab ", 5)]
    [InlineData("", "ab", 3)]
    [InlineData("a?|(?:a|b){0,3}", "ab", 5)]
    public void Mask_EveryPrefix_AllowsExactlyWhatBeginsAMatch(string pattern, string alphabet, int length)
    {
        var regex = new Regex($"^(?:{pattern})\\z", RegexOptions.CultureInvariant);
        bool IsMatch(string text) => regex.IsMatch(text);
        KindOracle.Check(GrammarKind.Regex, pattern, alphabet, length, IsMatch, 200);
        KindOracle.CheckClosing(GrammarKind.Regex, pattern, IsMatch, KindOracle.Tokens(alphabet));
    }

    [Theory]
    [InlineData("[é-ü]+", "éz", false)]
    [InlineData("[é-ü]+", "éê", true)]
    [InlineData("[\\u0000-\\u{10FFFF}]{2}", "😀€", true)]
    [InlineData(".", "\n", false)]
    [InlineData("\\{\\}", "{}", true)]
    [InlineData("a\"b\\\\", "a\"b\\", true)]
    public void Matcher_Text_AsThePatternSays(string pattern, string text, bool isAccepted)
        => Assert.Equal(isAccepted, EngineWalk.Accepts(KindOracle.Compile(GrammarKind.Regex, pattern), OracleVocabulary.Full(), text));

    [Theory]
    [InlineData("(", SchemaRejectionKind.Malformed)]
    [InlineData("(a)\\1", SchemaRejectionKind.UnsupportedKeyword)]
    [InlineData("a)(b", SchemaRejectionKind.Malformed)]
    [InlineData("a{2,1}", SchemaRejectionKind.Malformed)]
    [InlineData("a(?!)", SchemaRejectionKind.Unsatisfiable)]
    [InlineData("[]", SchemaRejectionKind.Unsatisfiable)]
    public void Compile_BadPattern_TypedRejection(string pattern, SchemaRejectionKind kind)
    {
        CompileResult result = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.Regex, pattern, new GrammarOptions()));
        Assert.Null(result.Grammar);
        Assert.Equal(kind, result.Rejections[0].Kind);
    }

    [Theory]
    [InlineData("""["a","ab","b"]""", "ab", 3)]
    [InlineData("""["","aab"]""", "ab", 4)]
    [InlineData("""["a","a"]""", "ab", 2)]
    public void Mask_Choice_AllowsExactlyWhatBeginsOne(string choices, string alphabet, int length)
    {
        string[] texts = System.Text.Json.JsonSerializer.Deserialize<string[]>(choices)!;
        KindOracle.Check(GrammarKind.Choice, choices, alphabet, length, x => texts.Contains(x));
        KindOracle.CheckClosing(GrammarKind.Choice, choices, x => texts.Contains(x), KindOracle.Tokens(alphabet));
    }

    [Theory]
    [InlineData("[]", "")]
    [InlineData("{}", "")]
    [InlineData("[1", "")]
    [InlineData("[\"a\",1]", "/1")]
    [InlineData("[\"a\",\"\\ud800\"]", "/1")]
    public void Compile_BadChoices_TypedRejectionWithPointer(string choices, string pointer)
    {
        CompileResult result = GrammarCompiler.Compile(new GrammarSpec(GrammarKind.Choice, choices, new GrammarOptions()));
        Assert.Null(result.Grammar);
        Assert.Equal((SchemaRejectionKind.Malformed, pointer), (result.Rejections[0].Kind, result.Rejections[0].JsonPointer));
    }
}
