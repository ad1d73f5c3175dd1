using System.Globalization;
using System.Numerics;

namespace Cluster.Grammar.Automata.Numbers;

/// <summary>An exact decimal, mantissa × 10^exponent, the mantissa without trailing zeros: equal values are equal structs.</summary>
internal readonly record struct ExactDecimal : IComparable<ExactDecimal>
{
    /// <summary>
    /// Exponents are clamped here. No text that an automaton accepts comes near (4,096 digits and three exponent digits at most), so a bound of
    /// 1e999999999 compares with all of them as 1e6000 does, and costs nothing.
    /// </summary>
    public const int ExponentMax = 6_000;

    private ExactDecimal(BigInteger mantissa, int exponent) => (Mantissa, Exponent) = (mantissa, exponent);

    public static ExactDecimal Zero => default;

    public BigInteger Mantissa { get; }

    public int Exponent { get; }

    public bool IsZero => Mantissa.IsZero;

    /// <summary>Perhaps not the number that was read, but one that compares alike with all that is written.</summary>
    public bool IsClamped => Math.Abs(Exponent) >= ExponentMax;

    public bool IsInteger => Exponent >= 0;

    /// <summary>Digits before the point: 123 has 3, 0.5 has 0, 0.05 has -1.</summary>
    public int Magnitude => Digits(Mantissa) + Exponent;

    public static ExactDecimal Of(BigInteger mantissa, int exponent)
    {
        if (mantissa.IsZero)
        {
            return default;
        }
        if (mantissa >= long.MinValue && mantissa <= long.MaxValue)
        {
            var small = (long)mantissa;
            var zeros = 0;
            for (; small % 10 == 0; small /= 10)
            {
                zeros++;
            }
            return new ExactDecimal(zeros == 0 ? mantissa : small, exponent + zeros);
        }
        // Zeros go in big strides first: mantissas may have thousands of them.
        for (var stride = 512; stride > 0; stride /= 8)
        {
            var power = Pow10(stride);
            while (true)
            {
                var quotient = BigInteger.DivRem(mantissa, power, out var remainder);
                if (!remainder.IsZero)
                {
                    break;
                }
                (mantissa, exponent) = (quotient, exponent + stride);
            }
        }
        return new ExactDecimal(mantissa, exponent);
    }

    /// <summary>Reads a JSON number of any length.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ExactDecimal value)
    {
        value = default;
        if (text.Length < 18 && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var small))
        {
            value = Of(small, 0);
            return true;
        }
        var mark = text.IndexOfAny('e', 'E');
        var written = mark < 0 ? text : text[..mark];
        BigInteger exponent = 0;
        if (mark >= 0 && !BigInteger.TryParse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
        {
            return false;
        }
        var point = written.IndexOf('.');
        var digits = point < 0 ? written.ToString() : string.Concat(written[..point], written[(point + 1)..]);
        if (!BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var mantissa))
        {
            return false;
        }
        exponent -= point < 0 ? 0 : written.Length - point - 1;
        var clamped = BigInteger.Max(BigInteger.Min(exponent, ExponentMax), -ExponentMax - digits.Length);
        value = Of(mantissa, (int)clamped);
        return true;
    }

    public int CompareTo(ExactDecimal other)
    {
        if (Mantissa.Sign != other.Mantissa.Sign)
        {
            return Mantissa.Sign.CompareTo(other.Mantissa.Sign);
        }
        if (Mantissa.IsZero || Exponent == other.Exponent)
        {
            return Mantissa.CompareTo(other.Mantissa);
        }
        var (mine, its) = (Magnitude, other.Magnitude);
        if (mine != its)
        {
            return Mantissa.Sign > 0 ? mine.CompareTo(its) : its.CompareTo(mine);
        }
        var common = Math.Min(Exponent, other.Exponent);
        return ScaledTo(common).CompareTo(other.ScaledTo(common));
    }

    /// <summary>The value as a multiple of 10^<paramref name="exponent"/>, which must not be above the own exponent.</summary>
    public BigInteger ScaledTo(int exponent) => IsZero ? BigInteger.Zero : Mantissa * Pow10(Exponent - exponent);

    public ExactDecimal Negate() => new(-Mantissa, Exponent);

    public ExactDecimal Abs() => Mantissa.Sign < 0 ? Negate() : this;

    public bool IsMultipleOf(ExactDecimal divisor)
    {
        if (IsZero)
        {
            return true;
        }
        if (divisor.IsZero)
        {
            return false;
        }
        var shift = Exponent - divisor.Exponent;
        // The mantissa has no factor 10, so a divisor with more zeros than the value never divides it.
        return shift >= 0 && (Mantissa * BigInteger.ModPow(10, shift, BigInteger.Abs(divisor.Mantissa)) % divisor.Mantissa).IsZero;
    }

    /// <summary>Least common multiple of two positive decimals.</summary>
    public static ExactDecimal Lcm(ExactDecimal a, ExactDecimal b)
    {
        var common = Math.Min(a.Exponent, b.Exponent);
        var (x, y) = (a.ScaledTo(common), b.ScaledTo(common));
        return Of(x / BigInteger.GreatestCommonDivisor(x, y) * y, common);
    }

    /// <param name="value">Positive.</param>
    /// <param name="exponent">The least power of ten that the removed factors divide.</param>
    public static BigInteger WithoutTwosAndFives(BigInteger value, out int exponent)
    {
        var twos = (int)BigInteger.TrailingZeroCount(value);
        value >>= twos;
        var fives = 0;
        for (; BigInteger.Remainder(value, 5).IsZero; value /= 5)
        {
            fives++;
        }
        exponent = Math.Max(twos, fives);
        return value;
    }

    public static BigInteger Pow10(int exponent) => exponent < Powers.Length ? Powers[exponent] : BigInteger.Pow(10, exponent);

    public static int Digits(BigInteger value)
    {
        value = BigInteger.Abs(value);
        if (value.IsZero)
        {
            return 0;
        }
        // 2^bits bounds the value on both sides; at most one step of correction.
        var estimate = (int)((value.GetBitLength() - 1) * 0.30102999566398120);
        return value >= Pow10(estimate + 1) ? estimate + 2 : value >= Pow10(estimate) ? estimate + 1 : estimate;
    }

    /// <summary>The shortest JSON spelling that <c>JSON.stringify</c> would choose: plain digits up to <paramref name="digitsMax"/>, then an exponent.</summary>
    public string ToText(int digitsMax)
    {
        var digits = BigInteger.Abs(Mantissa).ToString(CultureInfo.InvariantCulture);
        var sign = Mantissa.Sign < 0 ? "-" : "";
        var magnitude = digits.Length + Exponent;
        if (Exponent >= 0 && magnitude <= digitsMax)
        {
            return sign + digits + new string('0', IsZero ? 0 : Exponent);
        }
        if (Exponent < 0 && -Exponent <= digitsMax)
        {
            var padded = digits.PadLeft(-Exponent + 1, '0');
            return $"{sign}{padded[..^-Exponent]}.{padded[^-Exponent..]}";
        }
        var fraction = digits.Length > 1 ? $".{digits[1..]}" : "";
        return $"{sign}{digits[0]}{fraction}e{(magnitude > 0 ? "+" : "-")}{Math.Abs(magnitude - 1)}";
    }

    public override string ToString() => ToText(40);

    private static readonly BigInteger[] Powers = MakePowers();

    private static BigInteger[] MakePowers()
    {
        var powers = new BigInteger[1_300];
        powers[0] = BigInteger.One;
        for (var i = 1; i < powers.Length; i++)
        {
            powers[i] = powers[i - 1] * 10;
        }
        return powers;
    }
}
