using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Automata.Patterns;

/// <summary>Scripts and binary properties, which the runtime has no data for: from the table embedded beside this file.</summary>
internal static class UnicodeScripts
{
    private static readonly Lazy<Dictionary<(char Kind, string Name), string>> Table = new(ReadTable);

    public static IEnumerable<string> ScriptNames => NamesOf('s');

    public static IEnumerable<string> BinaryNames => NamesOf('b');

    public static CodePointSet? Find(string script, bool extended) =>
        (extended ? Decode('x', script) : null) ?? Decode('s', script);

    public static CodePointSet? FindBinary(string property) => Decode('b', property);

    private static IEnumerable<string> NamesOf(char kind) => Table.Value.Keys.Where(key => key.Kind == kind).Select(key => key.Name);

    private static CodePointSet? Decode(char kind, string name)
    {
        if (!Table.Value.TryGetValue((kind, name), out var boundaries))
        {
            return null;
        }
        var ranges = new List<(int, int)>();
        var (start, at) = (-1, 0);
        foreach (var distance in boundaries.Split(','))
        {
            at += distance.Aggregate(0, static (value, digit) => (value * 36) + (digit <= '9' ? digit - '0' : digit - 'a' + 10));
            if (start < 0)
            {
                start = at;
            }
            else
            {
                ranges.Add((start, at - 1));
                start = -1;
            }
        }
        if (start >= 0)
        {
            ranges.Add((start, CodePointSet.Last));
        }
        return CodePointSet.Of(ranges);
    }

    private static Dictionary<(char, string), string> ReadTable()
    {
        using var stream = typeof(UnicodeScripts).Assembly.GetManifestResourceStream("unicode-properties.txt")!;
        using var reader = new StreamReader(stream);
        var table = new Dictionary<(char, string), string>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Split(' ') is [[var kind and not '#'], var longName, var shortName, var boundaries])
            {
                table[(kind, longName)] = boundaries;
                table[(kind, shortName)] = boundaries;
            }
        }
        return table;
    }
}
