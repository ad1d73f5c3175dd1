namespace Cluster.Grammar.Automata.Formats;

/// <summary>Host names of RFC 1123.</summary>
internal static class Hostnames
{
    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

    public static StringLanguage Ascii() => Limited(FormatCatalogue.Whole($@"{Label}(?:\.{Label})*"), "^");

    /// <summary>What of <paramref name="texts"/> has at most 253 characters after <paramref name="start"/> (the beginning, or its last
    /// <c>@</c>), and no label there that claims to be an encoded one: which of those are right is no regular language.</summary>
    public static StringLanguage Limited(StringLanguage texts, string start) => texts.And(StringLanguage.Pattern($"{start}[^@]{{1,253}}$"))
        .And(StringLanguage.Pattern($@"{start}(?:[^@]*\.)?[Xx][Nn]--[^@]*$").Not());
}
