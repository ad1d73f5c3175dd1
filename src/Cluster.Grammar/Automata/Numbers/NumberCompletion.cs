using System.Text;

namespace Cluster.Grammar.Automata.Numbers;

/// <summary>Shortest texts that make a prefix a member: the first digit is tried out, the others are found by arithmetic.</summary>
internal static class NumberCompletion
{
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
                return machine.Accepts(state) ? "" : DigitSearch.Shortest(machine, state);
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
}
