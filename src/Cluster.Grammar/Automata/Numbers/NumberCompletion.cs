using System.Numerics;
using System.Text;

namespace Cluster.Grammar.Automata.Numbers;

/// <summary>Shortest texts that make a prefix a member: lengths are tried in ascending order, each by arithmetic.</summary>
internal static class NumberCompletion
{
    // Exponents by the bytes of their shortest spelling, mark included.
    private static readonly (int Low, int High)[][] ExponentsByBytes =
        [[], [], [(0, 9)], [(-9, -1), (10, 99)], [(-99, -10), (100, 999)], [(-999, -100)]];

    public static byte[] Of(NumberMachine machine, NumberState state) =>
        Encoding.ASCII.GetBytes(Find(machine, state) ?? throw new InvalidOperationException("A live number has no completion."));

    private static string? Find(NumberMachine machine, NumberState state)
    {
        switch (state.Phase)
        {
            case NumberPhase.Start:
            case NumberPhase.Minus:
                return FindFirst(machine, state);
            case NumberPhase.Mark:
                var plus = FindExponent(state);
                var minus = FindExponent(state with { ExponentNegative = true });
                return plus is null || (minus is not null && minus.Length + 1 < plus.Length) ? "-" + minus : plus;
            case NumberPhase.MarkSign:
            case NumberPhase.Exponent:
                return FindExponent(state);
            default:
                return machine.Accepts(state) ? "" : FindDigits(machine, state);
        }
    }

    private static string? FindFirst(NumberMachine machine, NumberState state)
    {
        string? best = null;
        for (var value = '-'; value <= '9'; value++)
        {
            if (machine.Successor(state, value) is { } next && machine.IsLive(next)
                && Find(machine, next) is { } rest && (best is null || rest.Length + 1 < best.Length))
            {
                best = value + rest;
                if (rest.Length == 0)
                {
                    break;
                }
            }
        }
        return best;
    }

    private static string? FindExponent(NumberState state)
    {
        foreach (var (digits, low, high) in NumberMachine.ExponentReach(state))
        {
            if (state.Exponents.Least(state.ExponentNegative, low, high) is { } found)
            {
                return digits == 0 ? "" : found.ToString($"D{state.ExponentDigits + digits}")[^digits..];
            }
        }
        return null;
    }

    private static string? FindDigits(NumberMachine machine, NumberState state)
    {
        var (wholeRoom, fractionRoom) = machine.Room(state);
        var point = state.Phase is NumberPhase.Zero or NumberPhase.Whole ? 1 : 0;
        for (var bytes = 1; bytes <= wholeRoom + fractionRoom + 6; bytes++)
        {
            for (var whole = Math.Min(wholeRoom, bytes); whole >= 0; whole--)
            {
                for (var exponentBytes = 0; exponentBytes < (machine.Writing.Exponents ? 6 : 1); exponentBytes++)
                {
                    var fraction = bytes - whole - exponentBytes;
                    fraction -= fraction > 0 ? point : 0;
                    var isBare = bytes - whole - exponentBytes == 0;
                    if (fraction > fractionRoom || fraction < 0 || (fraction == 0 && !isBare) || (isBare && state.Phase == NumberPhase.Point))
                    {
                        continue;
                    }
                    if (FindWith(machine, state, whole, fraction, exponentBytes) is { } text)
                    {
                        return text;
                    }
                }
            }
        }
        return null;
    }

    private static string? FindWith(NumberMachine machine, NumberState state, int whole, int fraction, int exponentBytes)
    {
        if (exponentBytes == 0)
        {
            return machine.FindDigits(state, whole, fraction, 0) is { } digits ? Write(state, digits, whole, fraction) : null;
        }
        var (least, most) = machine.ExponentsFor(state, whole);
        foreach (var (low, high) in ExponentsByBytes[exponentBytes])
        {
            for (var exponent = Math.Max(low, least); exponent <= Math.Min(high, most); exponent++)
            {
                if (machine.FindDigits(state, whole, fraction, exponent) is { } digits)
                {
                    return $"{Write(state, digits, whole, fraction)}e{exponent}";
                }
            }
        }
        return null;
    }

    private static string Write(NumberState state, BigInteger digits, int whole, int fraction)
    {
        var text = whole + fraction == 0 ? "" : digits.ToString().PadLeft(whole + fraction, '0');
        var hasPoint = state.Phase is NumberPhase.Point or NumberPhase.Fraction;
        return fraction == 0 || hasPoint ? text : $"{text[..whole]}.{text[whole..]}";
    }
}
