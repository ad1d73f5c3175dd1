using System.Globalization;
using System.Text;
using System.Text.Json;
using Cluster.Tokenization.HuggingFace.Normalizers;

namespace Cluster.Tokenization.Tests.HuggingFace.Normalizers;

public sealed class UnicodeFormTests
{
    [Theory]
    [InlineData("e\u0301", "é", "e\u0301")]
    [InlineData("\u1100\u1161\u11A8", "각", "\u1100\u1161\u11A8")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307", "q\u0323\u0307")]
    [InlineData("ﬁ", "ﬁ", "ﬁ")]
    [InlineData("plain ASCII", "plain ASCII", "plain ASCII")]
    public void Apply_Canonical_GivesNfcAndNfd(string text, string composed, string decomposed)
    {
        Assert.Equal(composed, UnicodeForm.Apply(text, compose: true, compatible: false));
        Assert.Equal(decomposed, UnicodeForm.Apply(text, compose: false, compatible: false));
    }

    [Fact]
    public void Apply_EveryCodePointAndManyStrings_EqualsTheReference()
    {
        var texts = new List<string>();
        for (int point = 0; point <= 0x10FFFF; point++)
        {
            if (point is >= 0xD800 and <= 0xDFFF || CharUnicodeInfo.GetUnicodeCategory(point) is UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse) continue;
            texts.Add(char.ConvertFromUtf32(point));
        }
        var source = new TextSource(seed: 3, []);
        for (int i = 0; i < 10_000; i++) texts.Add(source.Next());
        string[] marks = [.. texts.Where(text => text.EnumerateRunes().Count() == 1 && CharUnicodeInfo.GetUnicodeCategory(text, 0) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark)];
        var random = new Random(5);
        for (int i = 0; i < 10_000; i++)
        {
            var text = new StringBuilder(texts[random.Next(texts.Count)]);
            for (int k = random.Next(1, 6); k > 0; k--) text.Append(marks[random.Next(marks.Length)]);
            texts.Add(text.ToString());
        }
        // Text goes over as JSON, whose writer must not touch lone halves of pairs; there are none here.
        JsonElement[] answers = [.. NodeReference.Run("normalize.mjs", (object)texts).EnumerateArray()];
        int different = 0;
        for (int i = 0; i < texts.Count; i++)
        {
            for (int form = 0; form < 4; form++)
            {
                string ours = UnicodeForm.Apply(texts[i], compose: form % 2 == 0, compatible: form >= 2), theirs = answers[i][form].GetString()!;
                if (ours != theirs && ++different <= 10) Console.WriteLine($"form {form} of {JsonSerializer.Serialize(texts[i])}: {JsonSerializer.Serialize(ours)}, not {JsonSerializer.Serialize(theirs)}");
            }
        }
        Console.WriteLine($"normalization: {texts.Count} strings in four forms, {different} differences");
        Assert.Equal(0, different);
    }
}
