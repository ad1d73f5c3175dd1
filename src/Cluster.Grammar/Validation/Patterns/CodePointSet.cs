using System.Globalization;

namespace Cluster.Grammar.Validation.Patterns;

/// <summary>A set of code points as ascending, disjoint ranges.</summary>
internal sealed class CodePointSet
{
    private const int Last = 0x10FFFF;
    private readonly int[] _bounds;

    /// <param name="bounds">First and last of each range, in turn; ascending, not touching.</param>
    private CodePointSet(int[] bounds) => _bounds = bounds;

    public static readonly CodePointSet All = new([0, Last]);
    public static readonly CodePointSet Digits = Of(('0', '9'));
    public static readonly CodePointSet Words = Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));
    public static readonly CodePointSet LineEnds = Of(('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029));
    public static readonly CodePointSet Spaces = Union([
        Of(('\t', '\r'), (' ', ' '), (0xA0, 0xA0), (0xFEFF, 0xFEFF), (0x2028, 0x2029)),
        Where(category => category == UnicodeCategory.SpaceSeparator)]);

    /// <summary>The lowest code point of a set that is not empty.</summary>
    public int First => _bounds[0];

    public static CodePointSet Of(params (int First, int Last)[] ranges)
    {
        var merged = new List<int>();
        foreach (var (first, last) in ranges.OrderBy(range => range.First))
        {
            if (merged.Count > 0 && first <= merged[^1] + 1) merged[^1] = Math.Max(merged[^1], last);
            else merged.AddRange([first, last]);
        }
        return new CodePointSet([.. merged]);
    }

    public static CodePointSet Union(IEnumerable<CodePointSet> sets) => Of([.. sets.SelectMany(set => set.Ranges())]);

    /// <summary>The code points of some general categories.</summary>
    public static CodePointSet Where(Func<UnicodeCategory, bool> holds)
    {
        var ranges = new List<(int, int)>();
        for (int point = 0; point <= Last; point++)
        {
            if (!holds(CharUnicodeInfo.GetUnicodeCategory(point))) continue;
            int first = point;
            while (point < Last && holds(CharUnicodeInfo.GetUnicodeCategory(point + 1))) point++;
            ranges.Add((first, point));
        }
        return Of([.. ranges]);
    }

    public CodePointSet Complement()
    {
        var ranges = new List<(int, int)>();
        int next = 0;
        foreach (var (first, last) in Ranges())
        {
            if (first > next) ranges.Add((next, first - 1));
            next = last + 1;
        }
        if (next <= Last) ranges.Add((next, Last));
        return Of([.. ranges]);
    }

    public bool Contains(int point)
    {
        int at = Array.BinarySearch(_bounds, point);
        // Not a bound: inside a range exactly if an odd number of bounds lie below.
        return at >= 0 || (~at & 1) == 1;
    }

    private IEnumerable<(int First, int Last)> Ranges()
    {
        for (int i = 0; i < _bounds.Length; i += 2) yield return (_bounds[i], _bounds[i + 1]);
    }
}
