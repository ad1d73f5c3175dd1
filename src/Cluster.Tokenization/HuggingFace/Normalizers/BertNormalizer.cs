using System.Globalization;
using System.Text;
using Cluster.Tokenization.Patterns;

namespace Cluster.Tokenization.HuggingFace.Normalizers;

/// <summary>BERT's clean-up: control characters go, white space is a space, ideographs stand alone, accents and case as configured.</summary>
internal sealed class BertNormalizer(bool cleanText, bool handleChinese, bool stripAccents, bool lowercase) : Normalizer
{
    public override string Apply(string text)
    {
        if (cleanText) text = Clean(text);
        if (handleChinese) text = SpaceIdeographs(text);
        if (stripAccents)
        {
            text = UnicodeForm.Apply(text, compose: false, compatible: false);
            text = Filter(text, point => CodePoints.Category(point) == UnicodeCategory.NonSpacingMark);
        }
        return lowercase ? LowercaseText.Apply(text) : text;
    }

    private static string Clean(string text)
    {
        text = Filter(text, point => point is 0 or 0xFFFD || IsControl(point));
        StringBuilder? result = null;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != ' ' && char.IsWhiteSpace(text[i])) (result ??= new StringBuilder(text))[i] = ' ';
        }
        return result?.ToString() ?? text;
    }

    private static bool IsControl(int point) => point is not ('\t' or '\n' or '\r')
        && CodePoints.Category(point) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse
            or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned && point is not ('\t' or '\n' or '\r');

    private static string SpaceIdeographs(string text)
    {
        StringBuilder? result = null;
        for (int i = 0, length; i < text.Length; i += length)
        {
            int point = CodePoints.At(text, i, out length);
            if (IsIdeograph(point)) (result ??= new StringBuilder().Append(text, 0, i)).Append(' ').Append(text, i, length).Append(' ');
            else result?.Append(text, i, length);
        }
        return result?.ToString() ?? text;
    }

    private static bool IsIdeograph(int point) => point is >= 0x4E00 and <= 0x9FFF or >= 0x3400 and <= 0x4DBF or >= 0x20000 and <= 0x2A6DF
        or >= 0x2A700 and <= 0x2B73F or >= 0x2B740 and <= 0x2B81F or >= 0x2B920 and <= 0x2CEAF or >= 0xF900 and <= 0xFAFF or >= 0x2F800 and <= 0x2FA1F;
}
