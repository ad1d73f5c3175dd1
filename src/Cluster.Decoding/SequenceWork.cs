using System.Collections.Immutable;

namespace Cluster.Decoding;

/// <summary>What one attempt of a sequence cost on its replica; times, never content.</summary>
/// <param name="Queued">From submission until it had a slot.</param>
/// <param name="Prefilled">From the slot until its first token; zero where there was none.</param>
/// <param name="Masks">Masks computed.</param>
/// <param name="MaskTime">Time that all of them took.</param>
/// <param name="ForcedTokens">Emitted tokens that the grammar left no choice about.</param>
/// <param name="PredictedTokens">Guesses from the caller's prediction that were checked.</param>
/// <param name="AcceptedPredictedTokens">Of them, those that held.</param>
/// <param name="MaskBuckets">How many masks took at most each of <see cref="MaskBounds"/>, and, last, longer; empty for free text.</param>
public sealed record SequenceWork(
    TimeSpan Queued, TimeSpan Prefilled, int Masks, TimeSpan MaskTime, int ForcedTokens, int PredictedTokens, int AcceptedPredictedTokens,
    ImmutableArray<int> MaskBuckets)
{
    /// <summary>Upper bounds of <see cref="MaskBuckets"/>, in microseconds.</summary>
    public static ImmutableArray<int> MaskBounds { get; } = [4, 16, 64, 256, 1024, 4096, 16384];
}
