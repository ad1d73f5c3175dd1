namespace Cluster.Serving;

/// <summary>What is counted for each schema; see <see cref="SchemaUse"/>.</summary>
public readonly record struct SchemaCounts(
    long Lookups, long Compiles, long Sequences, long ForceClosed, long Tokens, long ForcedTokens, long Masks, TimeSpan MaskTime, long Choices, double PressureSum)
{
    public static SchemaCounts operator +(SchemaCounts one, SchemaCounts other) => new(
        one.Lookups + other.Lookups, one.Compiles + other.Compiles, one.Sequences + other.Sequences, one.ForceClosed + other.ForceClosed, one.Tokens + other.Tokens,
        one.ForcedTokens + other.ForcedTokens, one.Masks + other.Masks, one.MaskTime + other.MaskTime, one.Choices + other.Choices, one.PressureSum + other.PressureSum);

    public static SchemaCounts operator -(SchemaCounts one, SchemaCounts other) => new(
        one.Lookups - other.Lookups, one.Compiles - other.Compiles, one.Sequences - other.Sequences, one.ForceClosed - other.ForceClosed, one.Tokens - other.Tokens,
        one.ForcedTokens - other.ForcedTokens, one.Masks - other.Masks, one.MaskTime - other.MaskTime, one.Choices - other.Choices, one.PressureSum - other.PressureSum);
}
