namespace Cluster.Decoding;

/// <summary>What a constraint did to some tokens of one sequence, added up.</summary>
/// <param name="ForcedTokens">Emitted tokens that it left no choice about; the model was not asked for them.</param>
/// <param name="MaskTime">Time that its masks took.</param>
/// <param name="Choices">Tokens that the model chose under a mask and whose pressure was measured, the end among them.</param>
/// <param name="PressureSum">Of those, the sum of their pressures: the share, from 0 to 1, of the model's own probability (temperature 1, before bias and
/// penalties) that the mask took away.</param>
/// <param name="PressureMax">The largest of them.</param>
public readonly record struct ConstraintWork(int ForcedTokens, TimeSpan MaskTime, int Choices, double PressureSum, double PressureMax)
{
    /// <summary>Null where no pressure was measured: everything was forced, or nothing constrained.</summary>
    public double? PressureMean => Choices == 0 ? null : PressureSum / Choices;

    public static ConstraintWork None { get; } = new(0, TimeSpan.Zero, 0, 0, 0);

    public ConstraintWork Plus(ConstraintWork other) => new(
        ForcedTokens + other.ForcedTokens, MaskTime + other.MaskTime, Choices + other.Choices,
        PressureSum + other.PressureSum, Math.Max(PressureMax, other.PressureMax));
}
