using System.Collections.Concurrent;
using System.Globalization;

namespace Cluster.Grammar.Validation.Patterns;

/// <summary>The properties of <c>\p{…}</c>: general categories by both names, and the few binary ones that need no tables, and scripts from a table.</summary>
internal static class UnicodeProperties
{
    private static readonly ConcurrentDictionary<string, CodePointSet> Known = new(StringComparer.Ordinal);

    /// <summary>Names of the general categories; the short one first, then the long ones. One letter stands for all that begin with it.</summary>
    private static readonly (UnicodeCategory Category, string Short, string[] Long)[] Categories =
    [
        (UnicodeCategory.UppercaseLetter, "Lu", ["Uppercase_Letter"]),
        (UnicodeCategory.LowercaseLetter, "Ll", ["Lowercase_Letter"]),
        (UnicodeCategory.TitlecaseLetter, "Lt", ["Titlecase_Letter"]),
        (UnicodeCategory.ModifierLetter, "Lm", ["Modifier_Letter"]),
        (UnicodeCategory.OtherLetter, "Lo", ["Other_Letter"]),
        (UnicodeCategory.NonSpacingMark, "Mn", ["Nonspacing_Mark"]),
        (UnicodeCategory.SpacingCombiningMark, "Mc", ["Spacing_Mark"]),
        (UnicodeCategory.EnclosingMark, "Me", ["Enclosing_Mark"]),
        (UnicodeCategory.DecimalDigitNumber, "Nd", ["Decimal_Number", "digit"]),
        (UnicodeCategory.LetterNumber, "Nl", ["Letter_Number"]),
        (UnicodeCategory.OtherNumber, "No", ["Other_Number"]),
        (UnicodeCategory.SpaceSeparator, "Zs", ["Space_Separator"]),
        (UnicodeCategory.LineSeparator, "Zl", ["Line_Separator"]),
        (UnicodeCategory.ParagraphSeparator, "Zp", ["Paragraph_Separator"]),
        (UnicodeCategory.Control, "Cc", ["Control", "cntrl"]),
        (UnicodeCategory.Format, "Cf", ["Format"]),
        (UnicodeCategory.Surrogate, "Cs", ["Surrogate"]),
        (UnicodeCategory.PrivateUse, "Co", ["Private_Use"]),
        (UnicodeCategory.OtherNotAssigned, "Cn", ["Unassigned"]),
        (UnicodeCategory.ConnectorPunctuation, "Pc", ["Connector_Punctuation"]),
        (UnicodeCategory.DashPunctuation, "Pd", ["Dash_Punctuation"]),
        (UnicodeCategory.OpenPunctuation, "Ps", ["Open_Punctuation"]),
        (UnicodeCategory.ClosePunctuation, "Pe", ["Close_Punctuation"]),
        (UnicodeCategory.InitialQuotePunctuation, "Pi", ["Initial_Punctuation"]),
        (UnicodeCategory.FinalQuotePunctuation, "Pf", ["Final_Punctuation"]),
        (UnicodeCategory.OtherPunctuation, "Po", ["Other_Punctuation"]),
        (UnicodeCategory.MathSymbol, "Sm", ["Math_Symbol"]),
        (UnicodeCategory.CurrencySymbol, "Sc", ["Currency_Symbol"]),
        (UnicodeCategory.ModifierSymbol, "Sk", ["Modifier_Symbol"]),
        (UnicodeCategory.OtherSymbol, "So", ["Other_Symbol"]),
    ];

    private static readonly Dictionary<string, string> Groups = new(StringComparer.Ordinal)
    {
        ["Letter"] = "L", ["Mark"] = "M", ["Combining_Mark"] = "M", ["Number"] = "N", ["Punctuation"] = "P", ["punct"] = "P", ["Symbol"] = "S",
        ["Separator"] = "Z", ["Other"] = "C",
    };

    private static readonly Lazy<Dictionary<string, CodePointSet>> Scripts = new(ReadScripts);

    /// <summary>The set that <c>\p{name}</c> stands for.</summary>
    public static CodePointSet Find(string name)
    {
        int equals = name.IndexOf('=');
        if (equals >= 0)
        {
            if (name[..equals] is "Script" or "sc")
            {
                return Scripts.Value.GetValueOrDefault(name[(equals + 1)..]) ?? throw new PatternException($"The property '{name}' is not supported.");
            }
            if (name[..equals] is not ("General_Category" or "gc")) throw new PatternException($"The property '{name}' is not supported.");
            return Known.GetOrAdd(name[(equals + 1)..], Category);
        }
        return name switch
        {
            "Any" => CodePointSet.All,
            "ASCII" => CodePointSet.Of((0, 0x7F)),
            "ASCII_Hex_Digit" or "AHex" => CodePointSet.Of(('0', '9'), ('A', 'F'), ('a', 'f')),
            "Assigned" => Find("Cn").Complement(),
            _ => Known.GetOrAdd(name, Category),
        };
    }

    private static Dictionary<string, CodePointSet> ReadScripts()
    {
        using var reader = new StreamReader(typeof(UnicodeProperties).Assembly.GetManifestResourceStream("Cluster.Grammar.Validation.scripts.txt")!);
        var scripts = new Dictionary<string, CodePointSet>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            string[] words = line.Split(' ');
            scripts[words[0]] = scripts[words[1]] = CodePointSet.Of([.. words.Skip(2).Select(Range)]);
        }
        return scripts;
    }

    private static (int First, int Last) Range(string text)
    {
        string[] ends = text.Split('-');
        return (Convert.ToInt32(ends[0], 16), Convert.ToInt32(ends[^1], 16));
    }

    private static CodePointSet Category(string name)
    {
        if (Groups.TryGetValue(name, out string? letter)) name = letter;
        if (name is "LC" or "Cased_Letter")
        {
            return CodePointSet.Where(it => it is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter);
        }
        var named = Categories.Where(it => it.Short == name || it.Long.Contains(name) || (name.Length == 1 && it.Short[0] == name[0]))
            .Select(it => it.Category).ToHashSet();
        if (named.Count == 0) throw new PatternException($"The property '{name}' is not supported.");
        return CodePointSet.Where(named.Contains);
    }
}
