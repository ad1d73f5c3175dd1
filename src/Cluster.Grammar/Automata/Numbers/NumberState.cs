using System.Numerics;

namespace Cluster.Grammar.Automata.Numbers;

internal enum NumberPhase : byte { Start, Minus, Zero, Whole, Point, Fraction, Mark, MarkSign, Exponent }

/// <summary>
/// A place in a written number. States are equal if their <see cref="Signature"/>s are: it holds all that can still matter. The digits are
/// those of the first text that led here, one representative of many: whatever is asked of a state is computed exactly from them.
/// </summary>
internal sealed record NumberState(NumberPhase Phase, bool Negative = false)
{
    /// <summary>The digits so far, without the point.</summary>
    public BigInteger Mantissa { get; init; }

    /// <summary>Digits before the point.</summary>
    public int Whole { get; init; }

    /// <summary>Digits after the point.</summary>
    public int Fraction { get; init; }

    /// <summary>From the mark on: the exponents that make the number a member.</summary>
    public ExponentSet Exponents { get; init; } = ExponentSet.None;

    public bool ExponentNegative { get; init; }

    public int ExponentValue { get; init; }

    public int ExponentDigits { get; init; }

    public string Signature { get; init; } = "";

    public bool Equals(NumberState? other) => other is not null && Phase == other.Phase && Negative == other.Negative && Signature == other.Signature;

    public override int GetHashCode() => HashCode.Combine(Phase, Negative, Signature);
}
