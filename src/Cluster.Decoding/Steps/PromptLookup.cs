namespace Cluster.Decoding.Steps;

/// <summary>
/// Guesses what comes next without a second model: where the last few tokens stood earlier in prompt or output, what followed them then.
/// Extraction and edits repeat their input, so it often holds.
/// </summary>
internal static class PromptLookup
{
    private const int MatchMax = 4;
    private const int MatchMin = 2;

    /// <returns>Index of what followed the latest earlier occurrence of the last tokens, the longest match first; -1 for none.</returns>
    public static int Find(ReadOnlySpan<int> tokens)
    {
        for (int length = Math.Min(MatchMax, tokens.Length - 1); length >= MatchMin; length--)
        {
            int found = tokens[..^1].LastIndexOf(tokens[^length..]);
            if (found >= 0) return found + length;
        }
        return -1;
    }
}
