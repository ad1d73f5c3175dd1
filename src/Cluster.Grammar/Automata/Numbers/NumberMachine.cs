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

    private long _searches;

    public NumberWriting Writing { get; } = writing;

    /// <summary>How often arithmetic was asked for a member among some digits: what the states cost beyond their tables.</summary>
    public long Searches => Interlocked.Read(ref _searches);

    public void CountSearch() => Interlocked.Increment(ref _searches);

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
                return Accepts(state) || DigitSearch.IsLive(this, state);
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
}
