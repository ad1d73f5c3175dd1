using System.Numerics;

namespace Cluster.Grammar.Automata.Numbers;

/// <summary>How numbers are written.</summary>
/// <param name="WholeMax">Most digits before the point.</param>
/// <param name="FractionMax">Most digits after it; 0 allows no point.</param>
/// <param name="Exponents">Whether an exponent (of at most three digits) may follow, and "-0" is allowed.</param>
internal sealed record NumberWriting(int WholeMax, int FractionMax, bool Exponents);

/// <summary>
/// The written forms of a set of numbers: successors, membership and liveness of states. Liveness is arithmetic on the digits so far (is there a
/// multiple of the step in what they can still become?), not a search over digits: a multipleOf with a thousand million remainders costs what
/// one with two costs.
/// </summary>
internal sealed class NumberMachine(NumberLine line, NumberWriting writing)
{
    private readonly NumberSide _positive = NumberSide.Positive(line);
    private readonly NumberSide _negative = NumberSide.Negative(line, allowZero: writing.Exponents);

    public NumberWriting Writing { get; } = writing;

    public NumberSide Side(NumberState state) => state.Negative ? _negative : _positive;

    public bool Accepts(NumberState state) => state.Phase switch
    {
        NumberPhase.Zero or NumberPhase.Whole or NumberPhase.Fraction => Side(state).Line.Contains(ExactDecimal.Of(state.Mantissa, -state.Fraction)),
        NumberPhase.Exponent => state.Exponents.Least(state.ExponentNegative, state.ExponentValue, state.ExponentValue) is not null,
        _ => false,
    };

    /// <summary>The state after one more byte by the grammar of JSON and the digit bounds; null if they forbid it. It may still be dead.</summary>
    public NumberState? Successor(NumberState state, int value)
    {
        var digit = value is >= '0' and <= '9' ? value - '0' : -1;
        return state.Phase switch
        {
            NumberPhase.Start when value == '-' => new NumberState(NumberPhase.Minus, true),
            NumberPhase.Start or NumberPhase.Minus when digit == 0 => new NumberState(NumberPhase.Zero, state.Negative) { Whole = 1 },
            NumberPhase.Start or NumberPhase.Minus when digit > 0 =>
                new NumberState(NumberPhase.Whole, state.Negative) { Whole = 1, Mantissa = digit },
            NumberPhase.Whole when digit >= 0 && state.Whole < Writing.WholeMax =>
                state with { Whole = state.Whole + 1, Mantissa = (state.Mantissa * 10) + digit },
            NumberPhase.Zero or NumberPhase.Whole when value == '.' && Writing.FractionMax > 0 => state with { Phase = NumberPhase.Point },
            NumberPhase.Point or NumberPhase.Fraction when digit >= 0 && state.Fraction < Writing.FractionMax =>
                state with { Phase = NumberPhase.Fraction, Fraction = state.Fraction + 1, Mantissa = (state.Mantissa * 10) + digit },
            NumberPhase.Zero or NumberPhase.Whole or NumberPhase.Fraction when value is 'e' or 'E' && Writing.Exponents => state with
            {
                Phase = NumberPhase.Mark,
                Exponents = ExponentSet.Of(Side(state).Line, ExactDecimal.Of(state.Mantissa, -state.Fraction)),
            },
            NumberPhase.Mark when value is '+' or '-' => state with { Phase = NumberPhase.MarkSign, ExponentNegative = value == '-' },
            NumberPhase.Mark or NumberPhase.MarkSign or NumberPhase.Exponent when digit >= 0 && state.ExponentDigits < 3 => state with
            {
                Phase = NumberPhase.Exponent,
                ExponentDigits = state.ExponentDigits + 1,
                ExponentValue = (state.ExponentValue * 10) + digit,
            },
            _ => null,
        };
    }

    public bool IsLive(NumberState state)
    {
        switch (state.Phase)
        {
            case NumberPhase.Start:
            case NumberPhase.Minus:
                for (var value = '-'; value <= '9'; value++)
                {
                    if (Successor(state, value) is { } next && IsLive(next))
                    {
                        return true;
                    }
                }
                return false;
            case NumberPhase.Mark:
                return !state.Exponents.IsEmpty;
            case NumberPhase.MarkSign:
            case NumberPhase.Exponent:
                return ExponentReach(state).Any(reach => state.Exponents.Least(state.ExponentNegative, reach.Low, reach.High) is not null);
            default:
                return Accepts(state) || IsLivePlain(state) || (Writing.Exponents && IsLiveScaled(state));
        }
    }

    /// <summary>The values that the exponent's digits can still become, shortest first.</summary>
    public static IEnumerable<(int Digits, int Low, int High)> ExponentReach(NumberState state)
    {
        var (low, high) = (state.ExponentValue, state.ExponentValue);
        for (var digits = state.ExponentDigits; digits <= 3; digits++)
        {
            if (digits > 0)
            {
                yield return (digits - state.ExponentDigits, low, high);
            }
            (low, high) = (low * 10, (high * 10) + 9);
        }
    }

    /// <summary>Digits that may still come before the point, and after it.</summary>
    public (int Whole, int Fraction) Room(NumberState state) =>
        (state.Phase == NumberPhase.Whole ? Writing.WholeMax - state.Whole : 0, Writing.FractionMax - state.Fraction);

    /// <summary>A value for the next digits (<paramref name="whole"/> before the point, <paramref name="fraction"/> after) and an exponent that makes the number a member.</summary>
    public BigInteger? FindDigits(NumberState state, int whole, int fraction, int exponent)
    {
        var side = Side(state);
        var shift = whole - state.Fraction + exponent;
        if (!state.Mantissa.IsZero && (Magnitude(state) + shift < side.LowMagnitude || Magnitude(state) + shift > side.HighMagnitude))
        {
            return null;
        }
        var power = ExactDecimal.Pow10(whole + fraction);
        var low = state.Mantissa * power;
        return GridSearch.Find(side.Line, low, low + power - 1, exponent - state.Fraction - fraction) is { } found ? found - low : null;
    }

    /// <summary>No exponent outside these makes <see cref="FindDigits"/> succeed.</summary>
    public (int Low, int High) ExponentsFor(NumberState state, int whole)
    {
        if (state.Mantissa.IsZero) return (-ExponentSet.Max, ExponentSet.Max);
        var side = Side(state);
        var places = Magnitude(state) + whole - state.Fraction;
        return (Math.Max(-ExponentSet.Max, side.LowMagnitude - places), Math.Min(ExponentSet.Max, side.HighMagnitude - places));
    }

    private static int Magnitude(NumberState state) => ExactDecimal.Digits(state.Mantissa);

    private bool IsLivePlain(NumberState state)
    {
        var (wholeRoom, fractionRoom) = Room(state);
        // Two digits of fraction are nearly always enough and keep the arithmetic in one machine word; all of them decide.
        var fewDigits = Math.Min(fractionRoom, 2);
        for (var whole = 0; whole <= wholeRoom; whole++)
        {
            if (FindDigits(state, whole, fewDigits, 0) is not null
                || (fewDigits < fractionRoom && FindDigits(state, whole, fractionRoom, 0) is not null))
            {
                return true;
            }
        }
        return false;
    }

    // What the digits begin with, shifted to every place where the set has numbers; as many further digits as there is room for, since
    // a finer grid holds all that a coarser one does.
    private bool IsLiveScaled(NumberState state)
    {
        var side = Side(state);
        var (wholeRoom, fractionRoom) = Room(state);
        var high = wholeRoom - state.Fraction + ExponentSet.Max;
        var low = -state.Fraction - ExponentSet.Max;
        var magnitude = Magnitude(state);
        if (side.HighMagnitude != NumberSide.NoHigh)
        {
            high = Math.Min(high, side.HighMagnitude - magnitude);
        }
        if (side.LowMagnitude != NumberSide.NoLow)
        {
            low = Math.Max(low, side.LowMagnitude - magnitude);
        }
        // From both ends: multiples of something lie at the large numbers, and what must not be one at the small.
        for (var i = 0; i <= high - low; i++)
        {
            var shift = i % 2 == 0 ? high - (i / 2) : low + (i / 2);
            var whole = Math.Min(wholeRoom, shift + state.Fraction + ExponentSet.Max);
            var exponent = shift + state.Fraction - whole;
            if (whole >= 0 && exponent <= ExponentSet.Max && FindDigits(state, whole, fractionRoom, exponent) is not null)
            {
                return true;
            }
        }
        return false;
    }
}
