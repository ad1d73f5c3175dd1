using System.Globalization;

namespace Cluster.Tokenization.Patterns;

/// <summary>The names that \p{…} and [:…:] may hold.</summary>
internal static class UnicodeProperties
{
    private static readonly Dictionary<string, UnicodeCategory> Categories = new()
    {
        ["Lu"] = UnicodeCategory.UppercaseLetter, ["Ll"] = UnicodeCategory.LowercaseLetter, ["Lt"] = UnicodeCategory.TitlecaseLetter,
        ["Lm"] = UnicodeCategory.ModifierLetter, ["Lo"] = UnicodeCategory.OtherLetter, ["Mn"] = UnicodeCategory.NonSpacingMark,
        ["Mc"] = UnicodeCategory.SpacingCombiningMark, ["Me"] = UnicodeCategory.EnclosingMark, ["Nd"] = UnicodeCategory.DecimalDigitNumber,
        ["Nl"] = UnicodeCategory.LetterNumber, ["No"] = UnicodeCategory.OtherNumber, ["Zs"] = UnicodeCategory.SpaceSeparator,
        ["Zl"] = UnicodeCategory.LineSeparator, ["Zp"] = UnicodeCategory.ParagraphSeparator, ["Cc"] = UnicodeCategory.Control,
        ["Cf"] = UnicodeCategory.Format, ["Cs"] = UnicodeCategory.Surrogate, ["Co"] = UnicodeCategory.PrivateUse,
        ["Cn"] = UnicodeCategory.OtherNotAssigned, ["Pc"] = UnicodeCategory.ConnectorPunctuation, ["Pd"] = UnicodeCategory.DashPunctuation,
        ["Ps"] = UnicodeCategory.OpenPunctuation, ["Pe"] = UnicodeCategory.ClosePunctuation, ["Pi"] = UnicodeCategory.InitialQuotePunctuation,
        ["Pf"] = UnicodeCategory.FinalQuotePunctuation, ["Po"] = UnicodeCategory.OtherPunctuation, ["Sm"] = UnicodeCategory.MathSymbol,
        ["Sc"] = UnicodeCategory.CurrencySymbol, ["Sk"] = UnicodeCategory.ModifierSymbol, ["So"] = UnicodeCategory.OtherSymbol,
    };

    /// <summary>Scripts that published tokenizers ask for. Ranges of Unicode 16, Scripts.txt.</summary>
    private static readonly Dictionary<string, CodePointSet> Scripts = new()
    {
        ["Han"] = CodePointSet.Ranges((0x2E80, 0x2E99), (0x2E9B, 0x2EF3), (0x2F00, 0x2FD5), (0x3005, 0x3005), (0x3007, 0x3007), (0x3021, 0x3029),
            (0x3038, 0x303B), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFA6D), (0xFA70, 0xFAD9), (0x16FE2, 0x16FE3), (0x16FF0, 0x16FF6),
            (0x20000, 0x2A6DF), (0x2A700, 0x2B81D), (0x2B820, 0x2CEAD), (0x2CEB0, 0x2EBE0), (0x2EBF0, 0x2EE5D), (0x2F800, 0x2FA1D), (0x30000, 0x3134A), (0x31350, 0x33479)),
        ["Hiragana"] = CodePointSet.Ranges((0x3041, 0x3096), (0x309D, 0x309F), (0x1B001, 0x1B11F), (0x1B132, 0x1B132), (0x1B150, 0x1B152), (0x1F200, 0x1F200)),
        ["Katakana"] = CodePointSet.Ranges((0x30A1, 0x30FA), (0x30FD, 0x30FF), (0x31F0, 0x31FF), (0x32D0, 0x32FE), (0x3300, 0x3357), (0xFF66, 0xFF6F),
            (0xFF71, 0xFF9D), (0x1AFF0, 0x1AFF3), (0x1AFF5, 0x1AFFB), (0x1AFFD, 0x1AFFE), (0x1B000, 0x1B000), (0x1B120, 0x1B122), (0x1B155, 0x1B155), (0x1B164, 0x1B167)),
        ["Hangul"] = CodePointSet.Ranges((0x1100, 0x11FF), (0x302E, 0x302F), (0x3131, 0x318E), (0x3200, 0x321E), (0x3260, 0x327E), (0xA960, 0xA97C),
            (0xAC00, 0xD7A3), (0xD7B0, 0xD7C6), (0xD7CB, 0xD7FB), (0xFFA0, 0xFFBE), (0xFFC2, 0xFFC7), (0xFFCA, 0xFFCF), (0xFFD2, 0xFFD7), (0xFFDA, 0xFFDC)),
    };

    public static CodePointSet? Find(string name)
    {
        bool negated = name.StartsWith('^');
        if (negated) name = name[1..];
        CodePointSet? found = name switch
        {
            "Any" => CodePointSet.Any,
            "ASCII" => CodePointSet.Range(0, 0x7F),
            "L&" or "LC" => OfCategories("Lu", "Ll", "Lt"),
            "White_Space" or "Space" or "space" or "Whitespace" => CodePointSet.WhiteSpace,
            "Word" or "word" => CodePointSet.Word,
            "Digit" or "digit" => CodePointSet.Digit,
            "Letter" => OfCategories("L"),
            "Mark" => OfCategories("M"),
            "Number" => OfCategories("N"),
            "Punctuation" => OfCategories("P"),
            "Symbol" => OfCategories("S"),
            "Separator" => OfCategories("Z"),
            "XDigit" or "xdigit" => CodePointSet.HexDigit,
            "alpha" or "Alphabetic" => Alphabetic,
            "alnum" => CodePointSet.Union([Alphabetic, CodePointSet.Digit]),
            "lower" => OfCategories("Ll"),
            "upper" => OfCategories("Lu"),
            "punct" => OfCategories("P", "S"),
            "cntrl" => OfCategories("Cc"),
            "blank" => CodePointSet.Union([OfCategories("Zs"), CodePointSet.Of('\t')]),
            _ when name.StartsWith("Script=", StringComparison.Ordinal) => Scripts.GetValueOrDefault(name["Script=".Length..]),
            _ when name is ['L' or 'M' or 'N' or 'P' or 'S' or 'Z' or 'C'] || Categories.ContainsKey(name) => OfCategories(name),
            _ => Scripts.GetValueOrDefault(name),
        };
        return negated ? found?.Negate() : found;
    }

    /// <summary>\w without what is not a letter: combining marks stay, as most of them are Alphabetic.</summary>
    private static CodePointSet Alphabetic => CodePointSet.Word.Intersect(OfCategories("Nd", "Pc", "Cf", "Mn", "Mc", "Me").Negate());

    private static CodePointSet OfCategories(params ReadOnlySpan<string> names)
    {
        uint mask = 0;
        foreach (string name in names)
        {
            foreach ((string key, UnicodeCategory category) in Categories)
            {
                if (key.StartsWith(name, StringComparison.Ordinal)) mask |= 1u << (int)category;
            }
        }
        return CodePointSet.OfCategories(mask);
    }
}
