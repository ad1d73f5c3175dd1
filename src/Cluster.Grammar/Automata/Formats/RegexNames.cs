using System.Globalization;
using Cluster.Grammar.Automata.Patterns;
using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Automata.Formats;

/// <summary>Names of groups: identifiers, by general category.</summary>
internal static class RegexNames
{
    private static readonly CodePointSet Start = Of(
        UnicodeCategory.UppercaseLetter, UnicodeCategory.LowercaseLetter, UnicodeCategory.TitlecaseLetter, UnicodeCategory.ModifierLetter,
        UnicodeCategory.OtherLetter, UnicodeCategory.LetterNumber).Union(CodePointSet.OfChars("$_"));

    private static readonly CodePointSet Part = Start.Union(Of(
        UnicodeCategory.NonSpacingMark, UnicodeCategory.SpacingCombiningMark, UnicodeCategory.DecimalDigitNumber,
        UnicodeCategory.ConnectorPunctuation)).Union(CodePointSet.Of((0x200C, 0x200D)));

    public static int[] StartBounds { get; } = Bounds(Start);

    public static int[] PartBounds { get; } = Bounds(Part);

    public static bool IsStart(int codePoint) => Start.Contains(codePoint);

    public static bool IsPart(int codePoint) => Part.Contains(codePoint);

    private static CodePointSet Of(params UnicodeCategory[] categories) =>
        CodePointSet.Of(categories.SelectMany(category => UnicodeProperties.OfCategory(category).Ranges.ToArray()));

    private static int[] Bounds(CodePointSet set) => [.. set.Ranges.ToArray().SelectMany(range => new[] { range.Low, range.High + 1 })];
}
