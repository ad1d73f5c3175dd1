using System.Numerics;

namespace Cluster.Grammar.Automata.Numbers;

/// <summary>The absolute values of one sign, with the magnitudes between which the non-zero ones lie.</summary>
internal sealed class NumberSide
{
    public const int NoLow = int.MinValue / 2;
    public const int NoHigh = int.MaxValue / 2;

    // Lists of more members than this are not looked through for each state.
    private const int ListedMax = 24;

    private readonly Lazy<BigInteger[]> _cores;
    private readonly Lazy<NumberLine> _upwards;
    private readonly Lazy<NumberLine> _downwards;

    private NumberSide(NumberLine line)
    {
        Line = line;
        (LowMagnitude, HighMagnitude) = Hull(line);
        Divisors = [.. line.Gaps.SelectMany(gap => gap.Divisors).Distinct().Order()];
        CutsZero = Array.Exists(line.Cuts, cut => cut.IsZero);
        PositiveCuts = [.. line.Cuts.Where(cut => cut.Mantissa.Sign > 0)];
        CutMagnitudes = [.. PositiveCuts.Select(static cut => cut.Magnitude).Distinct()];
        _cores = new(() => CoresOf(line), LazyThreadSafetyMode.PublicationOnly);
        _upwards = new(() => line.WithGaps(static gap => gap.Upwards()), LazyThreadSafetyMode.PublicationOnly);
        _downwards = new(() => line.WithGaps(static gap => gap.Downwards()), LazyThreadSafetyMode.PublicationOnly);
    }

    public NumberLine Line { get; }

    public int LowMagnitude { get; }

    public int HighMagnitude { get; }

    public ExactDecimal[] Divisors { get; }

    /// <summary>Zero itself is told apart from what is just above it.</summary>
    public bool CutsZero { get; }

    public ExactDecimal[] PositiveCuts { get; }

    /// <summary>Magnitudes of the positive cuts, ascending.</summary>
    public int[] CutMagnitudes { get; }

    /// <summary>A superset: within a gap a number stays a member with a greater exponent.</summary>
    public NumberLine Upwards => _upwards.Value;

    /// <summary>A superset: within a gap a number stays a member with a smaller exponent.</summary>
    public NumberLine Downwards => _downwards.Value;

    /// <summary>
    /// At most the digits that must follow those of <paramref name="mantissa"/> in any non-zero member, whatever its exponent; more than
    /// <paramref name="most"/> if so many do not suffice.
    /// </summary>
    public int LeastDigits(BigInteger mantissa, int most)
    {
        var cores = _cores.Value;
        if (cores.Length == 0 || cores[0].IsOne)
        {
            return 0;
        }
        var least = most + 1;
        foreach (var core in cores)
        {
            // Digits with a multiple among them have one with a zero more, too.
            for (var low = 0; low < least;)
            {
                var middle = (low + least) / 2;
                if (HasMultiple(core, mantissa, middle)) least = middle;
                else low = middle + 1;
            }
        }
        for (var i = 0; i < Line.Cuts.Length && least > 0; i++)
        {
            if (Line.Members[i] && Line.Cuts[i].Mantissa.Sign > 0)
            {
                least = Math.Min(least, DigitsTo(Line.Cuts[i].Mantissa, mantissa) ?? least);
            }
        }
        return least;
    }

    private static bool HasMultiple(BigInteger core, BigInteger mantissa, int digits)
    {
        var power = ExactDecimal.Pow10(digits);
        var end = (mantissa * power) + power;
        // The greatest multiple below the end.
        var multiple = (end - 1) / core * core;
        return multiple.Sign > 0 && multiple >= end - power;
    }

    private static int? DigitsTo(BigInteger member, BigInteger mantissa)
    {
        var (own, read) = (ExactDecimal.Digits(member), ExactDecimal.Digits(mantissa));
        return own >= read
            ? member / ExactDecimal.Pow10(own - read) == mantissa ? own - read : null
            : member * ExactDecimal.Pow10(read - own) == mantissa ? 0 : null;
    }

    // Without factors 2 and 5, which exponents supply: what the digits of a member are multiples of, one number for each way to be one.
    private static BigInteger[] CoresOf(NumberLine line)
    {
        if (line.Members.Count(static member => member) > ListedMax)
        {
            return [];
        }
        var cores = new SortedSet<BigInteger>();
        foreach (var gap in line.Gaps.Distinct())
        {
            for (var row = 0; row < 1 << gap.Divisors.Length; row++)
            {
                if ((gap.Table >> row & 1) == 0) continue;
                var core = BigInteger.One;
                for (var i = 0; i < gap.Divisors.Length; i++)
                {
                    if ((row >> i & 1) != 0)
                    {
                        var own = ExactDecimal.WithoutTwosAndFives(gap.Divisors[i].Mantissa, out _);
                        core = core / BigInteger.GreatestCommonDivisor(core, own) * own;
                    }
                }
                if (core.IsOne) return [core];
                cores.Add(core);
            }
        }
        return [.. cores];
    }

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
