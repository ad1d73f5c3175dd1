using System.Runtime.InteropServices;

namespace Cluster.Decoding.Sampling;

/// <summary>
/// How often each token occurred, for the penalties: repetition looks at prompt and output, presence and frequency at the output alone.
/// Kept only for sequences that ask for a penalty.
/// </summary>
internal sealed class TokenHistory
{
    private readonly Dictionary<int, int> _emittedCounts = [];

    public static bool IsNeeded(SamplingOptions options)
        => options.RepetitionPenalty != 1f || options.PresencePenalty != 0f || options.FrequencyPenalty != 0f;

    /// <summary>Every token seen, with its count among the emitted tokens (0: in the prompt only).</summary>
    public Dictionary<int, int> EmittedCounts => _emittedCounts;

    public void AddPrompt(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens) _emittedCounts.TryAdd(token, 0);
    }

    public void AddEmitted(int token) => CollectionsMarshal.GetValueRefOrAddDefault(_emittedCounts, token, out _)++;

    /// <summary>The logit of a seen token after all penalties.</summary>
    public static float Penalise(float logit, int emittedCount, SamplingOptions options)
    {
        logit = logit > 0 ? logit / options.RepetitionPenalty : logit * options.RepetitionPenalty;
        return emittedCount == 0 ? logit : logit - options.PresencePenalty - options.FrequencyPenalty * emittedCount;
    }
}
