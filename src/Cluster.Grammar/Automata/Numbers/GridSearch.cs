using System.Numerics;

namespace Cluster.Grammar.Automata.Numbers;

/// <summary>Arithmetic instead of search: the first member of a set among the multiples of a power of ten in an interval.</summary>
internal static class GridSearch
{
    // Of the multiples of g, those that a further divisor also divides have indices ≡ 0 modulo some p ≥ 2. Six such classes never cover more
    // than 21 indices in a row (Jacobsthal's function), so a free one is met within this window or the interval ends first.
    private const int Window = 64;

    /// <summary>An integer V in [low, high] with V × 10^exponent in the set; null if there is none.</summary>
    public static BigInteger? Find(NumberLine line, BigInteger low, BigInteger high, int exponent)
    {
        if (low > high)
        {
            return null;
        }
        var (from, to) = (ExactDecimal.Of(low, exponent), ExactDecimal.Of(high, exponent));
        var first = Array.BinarySearch(line.Cuts, from);
        first = first >= 0 ? first : ~first;
        for (var i = first; i <= line.Cuts.Length; i++)
        {
            // Gap i, then cut i.
            if (!line.Gaps[i].IsNever && FindInGap(line, i, low, high, exponent) is { } found)
            {
                return found;
            }
            if (i == line.Cuts.Length || line.Cuts[i].CompareTo(to) > 0)
            {
                return null;
            }
            if (line.Members[i] && (line.Cuts[i].IsZero || line.Cuts[i].Exponent >= exponent))
            {
                return line.Cuts[i].ScaledTo(exponent);
            }
        }
        return null;
    }

    /// <summary>Whether the open interval of gap <paramref name="index"/> holds a member at all, of any number of digits.</summary>
    public static bool IsGapEmpty(NumberLine line, int index)
    {
        var gap = line.Gaps[index];
        for (var row = 0; row < 1 << gap.Divisors.Length; row++)
        {
            if ((gap.Table >> row & 1) == 0 || StepOf(gap, row, null) is not { } step)
            {
                continue;
            }
            if (step.IsZero)
            {
                return false;
            }
            var (start, end) = (index == 0 ? null : (ExactDecimal?)line.Cuts[index - 1], index == line.Cuts.Length ? null : (ExactDecimal?)line.Cuts[index]);
            if (start is null || end is null || FindMultiple(gap, row, step, start, end, null) is not null)
            {
                return false;
            }
        }
        return true;
    }

    private static BigInteger? FindInGap(NumberLine line, int index, BigInteger low, BigInteger high, int exponent)
    {
        var gap = line.Gaps[index];
        var grid = ExactDecimal.Of(BigInteger.One, exponent);
        var (from, to) = (ExactDecimal.Of(low, exponent), ExactDecimal.Of(high, exponent));
        ExactDecimal? below = index == 0 ? null : line.Cuts[index - 1];
        ExactDecimal? above = index == line.Cuts.Length ? null : line.Cuts[index];
        for (var row = 0; row < 1 << gap.Divisors.Length; row++)
        {
            if ((gap.Table >> row & 1) == 0 || StepOf(gap, row, grid) is not { } step)
            {
                continue;
            }
            if (FindMultiple(gap, row, step, below, above, (from, to)) is { } found)
            {
                return found.ScaledTo(exponent);
            }
        }
        return null;
    }

    // The numbers of a row are multiples of its divisors and of the grid; null if those would all be divided by a divisor that must not.
    // Zero: no divisor and no grid, the numbers lie dense.
    private static ExactDecimal? StepOf(Divisibility gap, int row, ExactDecimal? grid)
    {
        var step = grid ?? ExactDecimal.Zero;
        for (var i = 0; i < gap.Divisors.Length; i++)
        {
            if ((row >> i & 1) != 0)
            {
                step = step.IsZero ? gap.Divisors[i] : ExactDecimal.Lcm(step, gap.Divisors[i]);
            }
        }
        for (var i = 0; i < gap.Divisors.Length; i++)
        {
            if ((row >> i & 1) == 0 && !step.IsZero && step.IsMultipleOf(gap.Divisors[i]))
            {
                return null;
            }
        }
        return step;
    }

    // A multiple of the step strictly between two cuts, and within a closed interval if there is one.
    private static ExactDecimal? FindMultiple(
        Divisibility gap, int row, ExactDecimal step, ExactDecimal? below, ExactDecimal? above, (ExactDecimal From, ExactDecimal To)? within)
    {
        BigInteger? first = below is { } start ? Floor(start, step) + 1 : null;
        BigInteger? last = above is { } end ? Ceiling(end, step) - 1 : null;
        if (within is var (from, to))
        {
            first = BigInteger.Max(Ceiling(from, step), first ?? Ceiling(from, step));
            last = BigInteger.Min(Floor(to, step), last ?? Floor(to, step));
        }
        for (var index = first!.Value; index <= last!.Value && index < first.Value + Window; index++)
        {
            var candidate = ExactDecimal.Of(step.Mantissa * index, step.Exponent);
            if (IsFree(gap, row, candidate))
            {
                return candidate;
            }
        }
        return null;
    }

    private static bool IsFree(Divisibility gap, int row, ExactDecimal candidate)
    {
        for (var i = 0; i < gap.Divisors.Length; i++)
        {
            if ((row >> i & 1) == 0 && candidate.IsMultipleOf(gap.Divisors[i]))
            {
                return false;
            }
        }
        return true;
    }

    public static BigInteger Floor(ExactDecimal value, ExactDecimal step)
    {
        var common = Math.Min(value.Exponent, step.Exponent);
        var quotient = BigInteger.DivRem(value.ScaledTo(common), step.ScaledTo(common), out var remainder);
        return remainder.Sign < 0 ? quotient - 1 : quotient;
    }

    private static BigInteger Ceiling(ExactDecimal value, ExactDecimal step) => -Floor(value.Negate(), step);
}
