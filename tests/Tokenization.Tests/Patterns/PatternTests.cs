using Cluster.Tokenization.Patterns;

namespace Cluster.Tokenization.Tests.Patterns;

public sealed class PatternTests
{
    private static string[] Matches(string pattern, string text)
    {
        Pattern compiled = Pattern.Parse(pattern);
        var found = new List<string>();
        for (int from = 0; from <= text.Length;)
        {
            (int start, int end) = compiled.Find(text, from);
            if (start < 0) break;
            found.Add(text[start..end]);
            from = end > start ? end : end + 1;
        }
        return [.. found];
    }

    [Theory]
    [InlineData("a|ab", "ab", new[] { "a" })]
    [InlineData("(?:a|ab)c", "abc", new[] { "abc" })]
    [InlineData("a{2,3}", "aaaaa", new[] { "aaa", "aa" })]
    [InlineData("a{2,3}?", "aaaaa", new[] { "aa", "aa" })]
    [InlineData("a{,2}b", "aaab", new[] { "aab" })]
    [InlineData("a{x}", "a{x}", new[] { "a{x}" })]
    [InlineData("a++a", "aaa", new string[0])]
    [InlineData("a*+b", "aab", new[] { "aab" })]
    [InlineData("(?>a+)a", "aaa", new string[0])]
    [InlineData("(?:ab)+", "ababx", new[] { "abab" })]
    [InlineData("(?:a?)*b", "aab", new[] { "aab" })]
    [InlineData("(?:a*)*", "aa", new[] { "aa", "" })]
    [InlineData("(?:ab){2,}?c", "abababc", new[] { "abababc" })]
    [InlineData("x(?=y)", "xyxz", new[] { "x" })]
    [InlineData("x(?!y).", "xyxz", new[] { "xz" })]
    [InlineData("(?<=𝕏)b", "𝕏bab", new[] { "b" })]
    [InlineData("(?<!a)b", "abcb", new[] { "b" })]
    [InlineData("\\s+(?!\\S)", "a   b  ", new[] { "  ", "  " })]
    [InlineData("(?i:'S|k)", "'s 'S 'ſ K \u212A", new[] { "'s", "'S", "'ſ", "K", "\u212A" })]
    [InlineData("(?i)a(?-i)b", "Ab AB", new[] { "Ab" })]
    [InlineData("[^\\p{L}]+", "a1𝟏²b", new[] { "1𝟏²" })]
    [InlineData("\\p{L}+", "a𐐷漢", new[] { "a𐐷漢" })]
    [InlineData("\\p{Lu}\\p{Ll}*", "Abc𐐀𐐨", new[] { "Abc", "𐐀𐐨" })]
    [InlineData("\\p{^L}|\\P{L}", "a1", new[] { "1" })]
    [InlineData("[\\p{L}&&[^\\p{Han}]]+", "ab漢字cd", new[] { "ab", "cd" })]
    [InlineData("[a-c[x-z]]+", "abxyq", new[] { "abxy" })]
    [InlineData("[[:alpha:]_]+", "ab_1", new[] { "ab_" })]
    [InlineData("[]a]+", "a]", new[] { "a]" })]
    [InlineData("[a\\-z]+", "a-zb", new[] { "a-z" })]
    [InlineData("[+-]+", "+-", new[] { "+-" })]
    [InlineData("\\x41\\u0042\\x{1F600}", "AB😀", new[] { "AB😀" })]
    [InlineData("^b|a$", "a\nb", new[] { "a", "b" })]
    [InlineData("\\Ab|a\\z", "ba", new[] { "b", "a" })]
    [InlineData("\\bfoo\\b", "foo food foo", new[] { "foo", "foo" })]
    [InlineData("(?<name>a)(b)", "ab", new[] { "ab" })]
    [InlineData("\u0085|\\s", "\u0085\uFEFF", new[] { "\u0085" })]
    public void Find_Syntax_MatchesLikeOniguruma(string pattern, string text, string[] expected) => Assert.Equal(expected, Matches(pattern, text));

    [Theory]
    [InlineData("(")]
    [InlineData(")")]
    [InlineData("[a")]
    [InlineData("*a")]
    [InlineData("a{3,2}")]
    [InlineData("(?#x)")]
    [InlineData("\\")]
    [InlineData("[z-a]")]
    [InlineData("a{1000000}")]
    public void Parse_Malformed_IsRefused(string pattern) => Assert.Throws<TokenizerException>(() => Pattern.Parse(pattern));

    [Fact]
    public void Parse_DeeplyNested_IsRefused() => Assert.Throws<TokenizerException>(() => Pattern.Parse(new string('(', 10_000) + new string(')', 10_000)));

    [Fact]
    public void Find_LongRun_NeedsNoThreadStack()
    {
        string text = new(' ', 1_000_000);
        Assert.Equal((0, text.Length), Pattern.Parse("(?: |x)+").Find(text, 0));
        Assert.Equal((0, text.Length), Pattern.Parse("\\s+(?!\\S)").Find(text, 0));
    }
}
