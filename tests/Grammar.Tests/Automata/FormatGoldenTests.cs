using System.Text.Json;
using Cluster.Grammar.Automata;
using Cluster.Grammar.Tests.Support;

namespace Cluster.Grammar.Tests.Automata;

/// <summary>Texts in and out of each format, written from the RFCs, beside this file.</summary>
public class FormatGoldenTests
{
    private static readonly JsonElement Goldens = JsonDocument.Parse(File.ReadAllText(
        Path.Combine(SharedData.RepositoryRoot, "tests", "Grammar.Tests", "Automata", "format-goldens.json"))).RootElement;

    public static TheoryData<string> Formats() => new(Goldens.EnumerateObject().Select(format => format.Name));

    [Theory]
    [MemberData(nameof(Formats))]
    public void Format_Goldens_AreJudgedRight(string format)
    {
        var language = StringLanguage.Format(format)!;
        var dfa = language.ToDfa(Spelling.Canonical);
        foreach (var (list, expected) in new[] { ("valid", true), ("invalid", false) })
        {
            foreach (var item in Goldens.GetProperty(format).GetProperty(list).EnumerateArray())
            {
                var text = item.GetString()!;
                Assert.True(expected == language.Contains(text), $"{format}: {text} is {list}");
                Assert.True(expected == DfaText.Accepts(dfa, DfaText.Body(text)), $"{format}: {text} is {list}, as bytes");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Format_WithLengths_IsTheIntersection(string format)
    {
        var language = StringLanguage.Format(format)!.And(StringLanguage.Length(5, 12));
        foreach (var item in Goldens.GetProperty(format).GetProperty("valid").EnumerateArray())
        {
            var text = item.GetString()!;
            Assert.Equal(text.EnumerateRunes().Count() is >= 5 and <= 12, language.Contains(text));
        }
    }

    [Fact]
    public void TryFormat_UnknownAndRefused_AreToldApart()
    {
        Assert.False(StringLanguage.TryFormat("no-such-format", out _, out var refusal));
        Assert.Null(refusal);
        Assert.False(StringLanguage.TryFormat("idn-hostname", out _, out refusal));
        Assert.Equal(LeafRefusalKind.Unsupported, refusal!.Kind);
    }

    [Theory]
    [InlineData("base64", "", true)]
    [InlineData("base64", "Zm9v", true)]
    [InlineData("base64", "Zm8=", true)]
    [InlineData("base64", "Zg==", true)]
    [InlineData("base64", "Zh==", false)]
    [InlineData("base64", "Zm9", false)]
    [InlineData("base64", "Zm-_", false)]
    [InlineData("base64url", "Zm-_", true)]
    [InlineData("base32", "MZXW6===", true)]
    [InlineData("base16", "0AF", false)]
    public void ContentEncoding_Text_IsJudgedRight(string encoding, string text, bool expected) =>
        Assert.Equal(expected, StringLanguage.ContentEncoding(encoding)!.Contains(text));
}
