namespace Cluster.Grammar.Automata.Strings;

/// <summary>How many bytes a code point takes inside a JSON string, in its shortest spelling.</summary>
internal static class JsonCost
{
    // Ranges of equal cost in ascending order of code points.
    private static readonly (int Low, int High, int Cost)[] Bands =
    [
        (0x00, 0x07, 6), (0x08, 0x0A, 2), (0x0B, 0x0B, 6), (0x0C, 0x0D, 2), (0x0E, 0x1F, 6), (0x20, 0x21, 1), (0x22, 0x22, 2),
        (0x23, 0x5B, 1), (0x5C, 0x5C, 2), (0x5D, 0x7F, 1), (0x80, 0x7FF, 2), (0x800, 0xFFFF, 3), (0x10000, 0x10FFFF, 4),
    ];

    /// <summary>The cheapest code point of a range, and its cost.</summary>
    public static (int CodePoint, int Cost) Cheapest(int low, int high)
    {
        if (low is >= 0x5D and <= 0x7F or (>= 0x23 and <= 0x5B))
        {
            return (low, 1);
        }
        var best = (CodePoint: low, Cost: int.MaxValue);
        foreach (var band in Bands)
        {
            if (band.High >= low && band.Low <= high && band.Cost < best.Cost)
            {
                best = (Math.Max(low, band.Low), band.Cost);
            }
        }
        return best;
    }

    /// <summary>The cheapest member of a set that is not empty.</summary>
    public static (int CodePoint, int Cost) Cheapest(CodePointSet set)
    {
        var best = (CodePoint: 0, Cost: int.MaxValue);
        foreach (var (low, high) in set.Ranges)
        {
            var candidate = Cheapest(low, high);
            if (candidate.Cost < best.Cost)
            {
                best = candidate;
            }
        }
        return best;
    }
}
