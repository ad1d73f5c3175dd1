namespace Cluster.Serving.Tests;

public sealed class StopMatcherTests
{
    [Theory]
    [InlineData("Hello END world", new[] { "END" }, "Hello ", "END")]
    [InlineData("no stop here", new[] { "END" }, "no stop here", null)]
    [InlineData("almost EN", new[] { "END" }, "almost EN", null)]
    [InlineData("aab", new[] { "ab" }, "a", "ab")]
    [InlineData("ababac!", new[] { "abac" }, "ab", "abac")]
    [InlineData("xabc", new[] { "abc", "b" }, "xa", "b")]
    [InlineData("xabc", new[] { "bc", "abc" }, "x", "abc")]
    [InlineData("\n\nA", new[] { "\n" }, "", "\n")]
    [InlineData("a👍b", new[] { "👍" }, "a", "👍")]
    [InlineData("text", new string[0], "text", null)]
    public void Push_AnyCut_GivesTheSame(string text, string[] stops, string expected, string? matched)
    {
        for (int cuts = 0; cuts < 1 << Math.Min(text.Length - 1, 12); cuts++)
        {
            var matcher = new StopMatcher(stops);
            string emitted = "";
            bool stopped = false;
            int start = 0;
            for (int end = 1; end <= text.Length; end++)
            {
                if (end < text.Length && ((cuts >> (end - 1)) & 1) == 0) continue;
                (string emit, stopped) = matcher.Push(text[start..end]);
                emitted += emit;
                start = end;
            }
            Assert.Equal(matched is not null, stopped);
            Assert.Equal(expected, emitted + matcher.Flush());
            Assert.Equal(matched, matcher.Matched);
        }
    }

    [Fact]
    public void Push_HoldsBackOnlyWhatMayBecomeAStop()
    {
        var matcher = new StopMatcher(["<end>"]);
        Assert.Equal(("a ", false), matcher.Push("a <"));
        Assert.Equal(("", false), matcher.Push("en"));
        Assert.Equal(("<enx", false), matcher.Push("x"));
        Assert.Equal(("", true), matcher.Push("<end>"));
        Assert.Equal(("", true), matcher.Push("more"));
        Assert.Equal("", matcher.Flush());
    }

    [Fact]
    public void Constructor_EmptyStop_IsRefused() => Assert.Throws<ArgumentException>(() => new StopMatcher([""]));
}
