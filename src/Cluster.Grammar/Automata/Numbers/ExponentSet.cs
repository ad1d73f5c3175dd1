using System.Numerics;

namespace Cluster.Grammar.Automata.Numbers;

/// <summary>
/// Exponents of at most three digits that make a given mantissa a member. A number's place among the cuts changes with its exponent once per cut,
/// and a divisor divides from some exponent on, so a few thresholds decide all 1,999 exponents.
/// </summary>
internal sealed class ExponentSet
{
    public const int Max = 999;

    public static readonly ExponentSet None = new([]);

    private readonly (int Low, int High)[] _ranges;

    private ExponentSet((int Low, int High)[] ranges)
    {
        _ranges = ranges;
        Signature = string.Join(',', ranges);
    }

    public string Signature { get; }

    public bool IsEmpty => _ranges.Length == 0;

    /// <param name="line">The set of absolute values.</param>
    public static ExponentSet Of(NumberLine line, ExactDecimal value)
    {
        if (value.IsZero)
        {
            return line.Contains(value) ? new ExponentSet([(-Max, Max)]) : None;
        }
        var thresholds = new SortedSet<int> { -Max, Max + 1 };
        foreach (var cut in line.Cuts)
        {
            if (cut.Mantissa.Sign > 0)
            {
                Add(cut.Magnitude - value.Magnitude);
                Add(cut.Magnitude - value.Magnitude + 1);
            }
        }
        foreach (var gap in line.Gaps)
        {
            foreach (var divisor in gap.Divisors)
            {
                if (FirstMultiple(value, divisor) is { } first)
                {
                    Add(first);
                }
            }
        }
        var ranges = new List<(int Low, int High)>();
        int? start = null;
        foreach (var threshold in thresholds)
        {
            if (start is { } low && line.Contains(ExactDecimal.Of(value.Mantissa, value.Exponent + low)))
            {
                if (ranges.Count > 0 && ranges[^1].High == low - 1)
                {
                    ranges[^1] = (ranges[^1].Low, threshold - 1);
                }
                else
                {
                    ranges.Add((low, threshold - 1));
                }
            }
            start = threshold;
        }
        return new ExponentSet([.. ranges]);

        void Add(int threshold)
        {
            if (threshold is > -Max and <= Max)
            {
                thresholds.Add(threshold);
            }
        }
    }

    /// <summary>The least allowed absolute value of an exponent of the given sign in [low, high]; null if there is none.</summary>
    public int? Least(bool negative, int low, int high)
    {
        int? best = null;
        foreach (var (first, last) in _ranges)
        {
            var (from, to) = negative ? (-last, -first) : (first, last);
            (from, to) = (Math.Max(from, low), Math.Min(to, high));
            if (from <= to && (best is null || from < best))
            {
                best = from;
            }
        }
        return best;
    }

    public bool HoldsAll(bool negative, int low, int high)
    {
        foreach (var (first, last) in _ranges)
        {
            var (from, to) = negative ? (-last, -first) : (first, last);
            if (from <= low && to >= high)
            {
                return true;
            }
        }
        return false;
    }

    // The least E for which value × 10^E is a multiple of the divisor: what is left of the divisor must divide a power of ten.
    private static int? FirstMultiple(ExactDecimal value, ExactDecimal divisor)
    {
        var rest = divisor.Mantissa / BigInteger.GreatestCommonDivisor(divisor.Mantissa, value.Mantissa);
        return ExactDecimal.WithoutTwosAndFives(rest, out var exponent).IsOne ? divisor.Exponent - value.Exponent + exponent : null;
    }
}
