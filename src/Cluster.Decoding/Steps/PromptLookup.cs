using Cluster.Grammar;

namespace Cluster.Decoding.Steps;

/// <summary>
/// Guesses what comes next without a second model: where the last few tokens stood earlier in prompt or output, what followed them then.
/// Extraction and edits repeat their input, so it often holds; a wrong guess costs a wider step and changes nothing.
/// </summary>
internal static class PromptLookup
{
    private const int MatchMax = 4;
    private const int MatchMin = 2;

    /// <summary>Penalties, log-probabilities and delayed ends depend on every token chosen before: those sequences go one by
    /// one.</summary>
    public static bool Suits(Sequence sequence)
        => sequence.History is null && !sequence.WantsLogprobs && sequence.Journal.Sampling.TokensMin == 0;

    /// <returns>How many guesses were written.</returns>
    public static int Draft(Sequence sequence, Span<int> drafts)
    {
        ReadOnlySpan<int> tokens = sequence.Tokens;
        if (drafts.IsEmpty) return 0;
        for (int length = MatchMax; length >= MatchMin; length--)
        {
            if (tokens.Length <= length) continue;
            int found = tokens[..^1].LastIndexOf(tokens[^length..]);
            if (found < 0) continue;

            // Past the end of the tokens the guesses themselves go on: a loop stays a loop.
            ReadOnlySpan<int> follow = tokens[(found + length)..];
            for (int i = 0; i < drafts.Length; i++) drafts[i] = i < follow.Length ? follow[i] : drafts[i - follow.Length];
            return ValidCount(sequence, drafts);
        }
        return 0;
    }

    /// <summary>Cuts the guesses at the first one that the grammar does not allow.</summary>
    private static int ValidCount(Sequence sequence, ReadOnlySpan<int> drafts)
    {
        if (sequence.Matcher is not { } matcher) return drafts.Length;
        for (int i = 0; i < drafts.Length; i++)
        {
            if (!matcher.TryAdvance(drafts[i], out GrammarMatcher next)) return i;
            matcher = next;
        }
        return drafts.Length;
    }
}
