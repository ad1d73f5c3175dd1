using System.Collections.Concurrent;
using System.Globalization;
using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Automata.Patterns;

/// <summary>The Unicode properties of <c>\p{…}</c>: general categories from the runtime's data, and the tables of <see cref="UnicodeScripts"/>.</summary>
internal static class UnicodeProperties
{
    private static readonly ConcurrentDictionary<string, CodePointSet?> Known = new(StringComparer.Ordinal);

    // Short and long names; a group is the union of the categories that begin with its letter.
    private static readonly (string Short, string Long, UnicodeCategory? Category)[] Categories =
    [
        ("Lu", "Uppercase_Letter", UnicodeCategory.UppercaseLetter), ("Ll", "Lowercase_Letter", UnicodeCategory.LowercaseLetter),
        ("Lt", "Titlecase_Letter", UnicodeCategory.TitlecaseLetter), ("Lm", "Modifier_Letter", UnicodeCategory.ModifierLetter),
        ("Lo", "Other_Letter", UnicodeCategory.OtherLetter), ("Mn", "Nonspacing_Mark", UnicodeCategory.NonSpacingMark),
        ("Mc", "Spacing_Mark", UnicodeCategory.SpacingCombiningMark), ("Me", "Enclosing_Mark", UnicodeCategory.EnclosingMark),
        ("Nd", "Decimal_Number", UnicodeCategory.DecimalDigitNumber), ("Nl", "Letter_Number", UnicodeCategory.LetterNumber),
        ("No", "Other_Number", UnicodeCategory.OtherNumber), ("Zs", "Space_Separator", UnicodeCategory.SpaceSeparator),
        ("Zl", "Line_Separator", UnicodeCategory.LineSeparator), ("Zp", "Paragraph_Separator", UnicodeCategory.ParagraphSeparator),
        ("Cc", "Control", UnicodeCategory.Control), ("Cf", "Format", UnicodeCategory.Format), ("Cs", "Surrogate", UnicodeCategory.Surrogate),
        ("Co", "Private_Use", UnicodeCategory.PrivateUse), ("Cn", "Unassigned", UnicodeCategory.OtherNotAssigned),
        ("Pc", "Connector_Punctuation", UnicodeCategory.ConnectorPunctuation), ("Pd", "Dash_Punctuation", UnicodeCategory.DashPunctuation),
        ("Ps", "Open_Punctuation", UnicodeCategory.OpenPunctuation), ("Pe", "Close_Punctuation", UnicodeCategory.ClosePunctuation),
        ("Pi", "Initial_Punctuation", UnicodeCategory.InitialQuotePunctuation), ("Pf", "Final_Punctuation", UnicodeCategory.FinalQuotePunctuation),
        ("Po", "Other_Punctuation", UnicodeCategory.OtherPunctuation), ("Sm", "Math_Symbol", UnicodeCategory.MathSymbol),
        ("Sc", "Currency_Symbol", UnicodeCategory.CurrencySymbol), ("Sk", "Modifier_Symbol", UnicodeCategory.ModifierSymbol),
        ("So", "Other_Symbol", UnicodeCategory.OtherSymbol),
        ("L", "Letter", null), ("M", "Mark", null), ("N", "Number", null), ("Z", "Separator", null), ("C", "Other", null),
        ("P", "Punctuation", null), ("S", "Symbol", null),
    ];

    private static readonly Lazy<CodePointSet[]> ByCategory = new(ReadCategories);

    /// <summary>The names that <see cref="Find"/> knows.</summary>
    public static IEnumerable<string> Names =>
        [
            "Any", "ASCII", "Assigned", "ASCII_Hex_Digit", "AHex", "LC", "Cased_Letter", .. UnicodeScripts.BinaryNames,
            .. Categories.SelectMany(category => (string[])[category.Short, category.Long]).SelectMany(name => (string[])[name, $"gc={name}", $"General_Category={name}"]),
            .. UnicodeScripts.ScriptNames.SelectMany(name => (string[])[$"sc={name}", $"Script={name}", $"scx={name}", $"Script_Extensions={name}"]),
        ];

    /// <summary>The set of a property, or null if it is not known.</summary>
    public static CodePointSet? Find(string property) => Known.GetOrAdd(property, Resolve);

    public static CodePointSet OfCategory(UnicodeCategory category) => ByCategory.Value[(int)category];

    private static CodePointSet? Resolve(string property)
    {
        var equals = property.IndexOf('=', StringComparison.Ordinal);
        if (equals >= 0)
        {
            var value = property[(equals + 1)..];
            return property[..equals] switch
            {
                "gc" or "General_Category" => OfCategoryName(value),
                "sc" or "Script" => UnicodeScripts.Find(value, extended: false),
                "scx" or "Script_Extensions" => UnicodeScripts.Find(value, extended: true),
                _ => null,
            };
        }
        return property switch
        {
            "Any" => CodePointSet.All,
            "ASCII" => CodePointSet.Of((0, 0x7F)),
            "Assigned" => OfCategory(UnicodeCategory.OtherNotAssigned).Complement(),
            "ASCII_Hex_Digit" or "AHex" => CodePointSet.Of(('0', '9'), ('A', 'F'), ('a', 'f')),
            _ => OfCategoryName(property) ?? UnicodeScripts.FindBinary(property),
        };
    }

    private static CodePointSet? OfCategoryName(string name)
    {
        name = name switch { "LC" or "Cased_Letter" => "LC", "punct" => "P", "cntrl" => "Cc", "digit" => "Nd", "Combining_Mark" => "M", _ => name };
        if (name == "LC")
        {
            return OfCategory(UnicodeCategory.UppercaseLetter).Union(OfCategory(UnicodeCategory.LowercaseLetter))
                .Union(OfCategory(UnicodeCategory.TitlecaseLetter));
        }
        foreach (var (shortName, longName, category) in Categories)
        {
            if (name == shortName || name == longName)
            {
                return category is { } one
                    ? OfCategory(one)
                    : Categories.Where(other => other.Category is not null && other.Short[0] == shortName[0])
                        .Aggregate(CodePointSet.None, (set, other) => set.Union(OfCategory(other.Category!.Value)));
            }
        }
        return null;
    }

    private static CodePointSet[] ReadCategories()
    {
        var ranges = new List<(int, int)>[30];
        for (var i = 0; i < ranges.Length; i++)
        {
            ranges[i] = [];
        }
        var start = 0;
        var current = CharUnicodeInfo.GetUnicodeCategory(0);
        for (var codePoint = 1; codePoint <= CodePointSet.Last + 1; codePoint++)
        {
            var category = codePoint > CodePointSet.Last ? (UnicodeCategory)(-1) : CharUnicodeInfo.GetUnicodeCategory(codePoint);
            if (category != current)
            {
                ranges[(int)current].Add((start, codePoint - 1));
                (start, current) = (codePoint, category);
            }
        }
        return Array.ConvertAll(ranges, list => CodePointSet.Of(list));
    }
}
