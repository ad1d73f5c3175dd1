namespace Cluster.Grammar.Automata.Numbers;

/// <summary>The absolute values of one sign, with the magnitudes between which the non-zero ones lie.</summary>
internal sealed class NumberSide
{
    public const int NoLow = int.MinValue / 2;
    public const int NoHigh = int.MaxValue / 2;

    private NumberSide(NumberLine line)
    {
        Line = line;
        (LowMagnitude, HighMagnitude) = Hull(line);
        Divisors = [.. line.Gaps.SelectMany(gap => gap.Divisors).Distinct().Order()];
        CutsZero = Array.Exists(line.Cuts, cut => cut.IsZero);
        PositiveCuts = [.. line.Cuts.Where(cut => cut.Mantissa.Sign > 0)];
    }

    public NumberLine Line { get; }

    public int LowMagnitude { get; }

    public int HighMagnitude { get; }

    public ExactDecimal[] Divisors { get; }

    /// <summary>Zero itself is told apart from what is just above it.</summary>
    public bool CutsZero { get; }

    public ExactDecimal[] PositiveCuts { get; }

    public static NumberSide Positive(NumberLine line) => new(line);

    /// <param name="allowZero">Whether "-0" is a spelling of zero.</param>
    public static NumberSide Negative(NumberLine line, bool allowZero)
    {
        var mirrored = line.Mirror();
        return new NumberSide(allowZero ? mirrored : mirrored.Combine(NumberLine.List([ExactDecimal.Zero]).Not(), static (a, b) => a && b)!);
    }

    private static (int Low, int High) Hull(NumberLine line)
    {
        var (low, high) = (NoHigh, NoLow);
        for (var i = 0; i <= line.Cuts.Length; i++)
        {
            if (i < line.Cuts.Length && line.Members[i] && line.Cuts[i].Mantissa.Sign > 0)
            {
                low = Math.Min(low, line.Cuts[i].Magnitude);
                high = Math.Max(high, line.Cuts[i].Magnitude);
            }
            if (line.Gaps[i].IsNever || (i < line.Cuts.Length && line.Cuts[i].Mantissa.Sign <= 0))
            {
                continue;
            }
            var isFromZero = i == 0 || line.Cuts[i - 1].Mantissa.Sign <= 0;
            low = Math.Min(low, isFromZero ? LeastMultiple(line.Gaps[i]) : line.Cuts[i - 1].Magnitude);
            high = Math.Max(high, i == line.Cuts.Length ? NoHigh : line.Cuts[i].Magnitude);
        }
        return (low, high);
    }

    // Non-zero multiples of a divisor are not below it; a row without a divisor holds arbitrarily small numbers.
    private static int LeastMultiple(Divisibility gap)
    {
        var least = NoHigh;
        for (var row = 0; row < 1 << gap.Divisors.Length; row++)
        {
            if ((gap.Table >> row & 1) != 0)
            {
                var divisor = Array.FindLastIndex(gap.Divisors, candidate => (row >> Array.IndexOf(gap.Divisors, candidate) & 1) != 0);
                least = Math.Min(least, divisor < 0 ? NoLow : gap.Divisors[divisor].Magnitude);
            }
        }
        return least;
    }
}
