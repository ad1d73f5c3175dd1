namespace Cluster.Grammar.Automata.Formats;

/// <summary>The names that may stand in <c>\p{…}</c>: a sorted list, walked as a trie.</summary>
internal static class RegexProperties
{
    private static readonly string[] Names = [.. Patterns.UnicodeProperties.Names.Order(StringComparer.Ordinal)];

    public static bool IsName(string text) => Array.BinarySearch(Names, text, StringComparer.Ordinal) >= 0;

    public static bool IsPrefix(string text) => First(text) is not null;

    /// <summary>A shortest name that begins with <paramref name="prefix"/>.</summary>
    public static string Shortest(string prefix)
    {
        return Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).MinBy(name => name.Length)!;
    }

    private static string? First(string prefix)
    {
        var index = Array.BinarySearch(Names, prefix, StringComparer.Ordinal);
        index = index < 0 ? ~index : index;
        return index < Names.Length && Names[index].StartsWith(prefix, StringComparison.Ordinal) ? Names[index] : null;
    }
}
