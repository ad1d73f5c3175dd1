using System.Numerics;
using System.Text;

namespace Cluster.Grammar.Automata.Numbers;

/// <summary>
/// What of a number's digits can still matter. Two texts with equal signatures have the same continuations:
/// <list type="bullet">
/// <item>digits used, of which a bounded number may follow;</item>
/// <item>against each cut: below, above, or equal so far (the digits of the cut, aligned by place, or from the first digit where an exponent
/// can still move the point);</item>
/// <item>for each divisor: the remainder of the digits so far; with exponents also that of the digits without trailing zeros, and how many
/// zeros are pending.</item>
/// </list>
/// Sets with many cuts (long enumerations) keep the digits themselves: their automata are tries.
/// </summary>
internal static class NumberSignature
{
    private const int CutsMax = 24;

    public static string Of(NumberState state, NumberSide side, bool exponents)
    {
        switch (state.Phase)
        {
            case NumberPhase.Whole:
            case NumberPhase.Point:
            case NumberPhase.Fraction:
                return OfDigits(state, side, exponents);
            case NumberPhase.Mark:
                return state.Exponents.Signature;
            case NumberPhase.MarkSign:
            case NumberPhase.Exponent:
                var isFree = NumberMachine.ExponentReach(state).All(reach => state.Exponents.HoldsAll(state.ExponentNegative, reach.Low, reach.High));
                return isFree
                    ? $"{state.ExponentDigits}"
                    : $"{state.ExponentDigits}:{(state.ExponentNegative ? "-" : "")}{state.ExponentValue}:{state.Exponents.Signature}";
            default:
                return "";
        }
    }

    private static string OfDigits(NumberState state, NumberSide side, bool exponents)
    {
        var mantissa = state.Mantissa;
        var text = new StringBuilder();
        text.Append(state.Phase == NumberPhase.Whole ? state.Whole : state.Fraction);
        if (side.CutsZero)
        {
            text.Append(mantissa.IsZero ? 'z' : 'n');
        }
        if (side.PositiveCuts.Length == 0 && side.Divisors.Length == 0)
        {
            return text.ToString();
        }
        var length = ExactDecimal.Digits(mantissa);
        if (side.PositiveCuts.Length > CutsMax)
        {
            return text.Append('=').Append(mantissa).ToString();
        }
        if (exponents)
        {
            text.Append('l').Append(length);
        }
        foreach (var cut in side.PositiveCuts)
        {
            var prefix = exponents ? Prefix(cut.Mantissa, length)
                : state.Phase == NumberPhase.Whole ? PrefixOfWhole(cut, state.Whole)
                : Scale(cut, state.Fraction);
            text.Append((char)('b' + (prefix is { } known ? mantissa.CompareTo(known) : 1)));
        }
        foreach (var divisor in side.Divisors)
        {
            AppendRemainders(text, state, divisor, exponents);
        }
        return text.ToString();
    }

    // The first digits of the cut, as many as were read; zeros follow its last one.
    private static BigInteger Prefix(BigInteger digits, int length)
    {
        var own = ExactDecimal.Digits(digits);
        return own >= length ? digits / ExactDecimal.Pow10(own - length) : digits * ExactDecimal.Pow10(length - own);
    }

    // Null: the digits read are already more than the cut has before its point, so the number is above it for good.
    private static BigInteger? PrefixOfWhole(ExactDecimal cut, int digits) =>
        digits > cut.Magnitude ? null : Prefix(cut.Mantissa, digits);

    private static BigInteger Scale(ExactDecimal cut, int fraction)
    {
        var shift = cut.Exponent + fraction;
        return shift >= 0 ? cut.Mantissa * ExactDecimal.Pow10(shift) : cut.Mantissa / ExactDecimal.Pow10(-shift);
    }

    private static void AppendRemainders(StringBuilder text, NumberState state, ExactDecimal divisor, bool exponents)
    {
        var mantissa = state.Mantissa;
        if (exponents)
        {
            var stripped = ExactDecimal.Of(mantissa, 0);
            text.Append('|').Append(mantissa % divisor.Mantissa).Append(',').Append(stripped.Mantissa % divisor.Mantissa).Append(',').Append(stripped.Exponent);
            return;
        }
        // The number must be a whole multiple of `modulus` at `places` digits after the point.
        var modulus = divisor.Exponent > 0 ? divisor.ScaledTo(0) : divisor.Mantissa;
        var beyond = state.Fraction - Math.Max(-divisor.Exponent, 0);
        if (beyond <= 0)
        {
            text.Append('|').Append(mantissa % modulus);
            return;
        }
        var quotient = BigInteger.DivRem(mantissa, ExactDecimal.Pow10(beyond), out var rest);
        text.Append('|').Append(quotient % modulus).Append(rest.IsZero ? '.' : '!');
    }
}
