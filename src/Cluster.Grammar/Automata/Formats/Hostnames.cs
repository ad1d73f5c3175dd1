namespace Cluster.Grammar.Automata.Formats;

/// <summary>Host names of RFC 1123.</summary>
internal static class Hostnames
{
    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

    public static StringLanguage Ascii() => FormatCatalogue.Whole($@"{Label}(?:\.{Label})*").And(StringLanguage.Length(1, 253))
        .And(StringLanguage.Pattern(@"(?:^|\.)[Xx][Nn]--").Not());
}
