using System.Text.Json;

namespace Cluster.Grammar.Tests.Oracle;

/// <summary>The oracle's own enumeration, against a parser that it does not use.</summary>
public sealed class EnumerationTests
{
    [Fact]
    public void All_ShortTexts_AreExactlyTheParsableOnes()
    {
        const string alphabet = "{}[]\":,a1 ";
        var expected = new HashSet<string>(StringComparer.Ordinal);
        Fill("", 5);
        Assert.Equal(expected.Order(StringComparer.Ordinal), TextEnumerator.All(alphabet, 5).Order(StringComparer.Ordinal));
        Assert.Contains("[{}]", expected);

        void Fill(string text, int left)
        {
            if (IsJson(text)) expected.Add(text);
            if (left == 0) return;
            foreach (char it in alphabet) Fill(text + it, left - 1);
        }
    }

    private static bool IsJson(string text)
    {
        var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(text));
        try
        {
            while (reader.Read()) { }
            return text.Length > 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
