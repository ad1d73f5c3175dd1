using System.Text;

namespace Cluster.Tokenization.Templates.Running;

/// <summary>Upper, lower and title case of whole strings, with the mappings that make one letter several.</summary>
internal static class TextCase
{
    private static readonly Dictionary<char, string> LongUpper = new()
    {
        ['ß'] = "SS", ['ŉ'] = "ʼN", ['ǰ'] = "J\u030C", ['և'] = "ԵՒ", ['ẖ'] = "H\u0331", ['ẗ'] = "T\u0308", ['ẘ'] = "W\u030A", ['ẙ'] = "Y\u030A", ['ẚ'] = "Aʾ",
        ['ﬀ'] = "FF", ['ﬁ'] = "FI", ['ﬂ'] = "FL", ['ﬃ'] = "FFI", ['ﬄ'] = "FFL", ['ﬅ'] = "ST", ['ﬆ'] = "ST",
    };

    public static string Upper(string text)
    {
        string upper = text.ToUpperInvariant();
        if (upper.AsSpan().IndexOfAnyExceptInRange('\0', '\u007F') < 0) return upper;
        var result = new StringBuilder(upper.Length);
        foreach (char c in upper) result.Append(LongUpper.GetValueOrDefault(c) ?? c.ToString());
        return result.ToString();
    }

    public static string Lower(string text)
    {
        string lower = text.ToLowerInvariant();
        if (!text.AsSpan().ContainsAny('İ', 'Σ')) return lower;
        var result = new StringBuilder(lower.Length);
        for (int i = 0; i < text.Length; i++)
        {
            bool final = text[i] == 'Σ' && i > 0 && char.IsLetter(text[i - 1]) && (i + 1 == text.Length || !char.IsLetter(text[i + 1]));
            result.Append(text[i] == 'İ' ? "i\u0307" : final ? "ς" : lower[i].ToString());
        }
        return result.ToString();
    }

    /// <summary>The first of each run of ASCII word characters in upper case.</summary>
    public static string Title(string text)
    {
        char[] chars = text.ToCharArray();
        for (int i = 0; i < chars.Length; i++)
        {
            if (IsWord(chars[i]) && (i == 0 || !IsWord(chars[i - 1]))) chars[i] = char.ToUpperInvariant(chars[i]);
        }
        return new string(chars);
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
