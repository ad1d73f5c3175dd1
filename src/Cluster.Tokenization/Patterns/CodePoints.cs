using System.Globalization;
using System.Runtime.CompilerServices;

namespace Cluster.Tokenization.Patterns;

/// <summary>Reads code points out of UTF-16 and answers what Unicode says of them. A lone surrogate is its own code point.</summary>
internal static class CodePoints
{
    public const int Max = 0x10FFFF;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int At(ReadOnlySpan<char> text, int index, out int length)
    {
        char first = text[index];
        length = 1;
        if (!char.IsHighSurrogate(first) || index + 1 >= text.Length) return first;
        char second = text[index + 1];
        if (!char.IsLowSurrogate(second)) return first;
        length = 2;
        return char.ConvertToUtf32(first, second);
    }

    public static int Before(ReadOnlySpan<char> text, int index, out int length)
    {
        char last = text[index - 1];
        length = 1;
        if (!char.IsLowSurrogate(last) || index < 2 || !char.IsHighSurrogate(text[index - 2])) return last;
        length = 2;
        return char.ConvertToUtf32(text[index - 2], last);
    }

    public static UnicodeCategory Category(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint);

    /// <summary>The property White_Space.</summary>
    public static bool IsWhiteSpace(int codePoint) => codePoint <= 0xFFFF && char.IsWhiteSpace((char)codePoint);

    /// <summary>General categories Nd, Nl and No.</summary>
    public static bool IsNumeric(int codePoint) =>
        codePoint < 0x80
            ? (uint)(codePoint - '0') <= 9
            : Category(codePoint) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    /// <summary>ASCII punctuation and symbols, and the general categories P*.</summary>
    public static bool IsPunctuation(int codePoint) =>
        codePoint < 0x80
            ? codePoint is >= 0x21 and <= 0x2F or >= 0x3A and <= 0x40 or >= 0x5B and <= 0x60 or >= 0x7B and <= 0x7E
            : Category(codePoint) is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;

    /// <summary>\w of UTS #18: Alphabetic, marks, decimal digits, connectors and joiners.</summary>
    public static bool IsWord(int codePoint)
    {
        if (codePoint < 0x80) return char.IsAsciiLetterOrDigit((char)codePoint) || codePoint == '_';
        return Category(codePoint) switch
        {
            <= UnicodeCategory.OtherLetter => true,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => true,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
            // Symbols with the property Other_Alphabetic: circled, squared and negative Latin letters.
            UnicodeCategory.OtherSymbol => codePoint is >= 0x24B6 and <= 0x24E9 or >= 0x1F130 and <= 0x1F149
                or >= 0x1F150 and <= 0x1F169 or >= 0x1F170 and <= 0x1F189,
            _ => codePoint is 0x200C or 0x200D,
        };
    }

    /// <summary>Simple lower-case mapping, beyond the basic plane too.</summary>
    public static int ToLower(int codePoint) => IsSurrogate(codePoint) ? codePoint : System.Text.Rune.ToLowerInvariant(new System.Text.Rune(codePoint)).Value;

    public static int ToUpper(int codePoint) => IsSurrogate(codePoint) ? codePoint : System.Text.Rune.ToUpperInvariant(new System.Text.Rune(codePoint)).Value;

    private static bool IsSurrogate(int codePoint) => codePoint is >= 0xD800 and <= 0xDFFF;
}
