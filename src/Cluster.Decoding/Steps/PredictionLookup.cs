namespace Cluster.Decoding.Steps;

/// <summary>Finds the place of a caller's prediction that the output has come to.</summary>
internal static class PredictionLookup
{
    private const int MatchMax = 32;
    private const int MatchMin = 2;

    /// <param name="prediction">What the caller expects the whole output to be.</param>
    /// <param name="output">What has come so far.</param>
    /// <returns>
    /// Index of the predicted next token: the beginning for an empty output, else what follows the longest end of the output that the prediction
    /// holds, the earliest among equals; -1 for none.
    /// </returns>
    public static int Find(ReadOnlySpan<int> prediction, ReadOnlySpan<int> output)
    {
        if (prediction.IsEmpty) return -1;
        if (output.IsEmpty) return 0;
        int best = -1, bestLength = Math.Min(MatchMin, output.Length) - 1;
        for (int end = 1; end < prediction.Length; end++)
        {
            if (prediction[end - 1] != output[^1]) continue;
            int most = Math.Min(MatchMax, Math.Min(end, output.Length));
            int length = 1;
            while (length < most && prediction[end - 1 - length] == output[^(length + 1)]) length++;
            if (length > bestLength) (best, bestLength) = (end, length);
        }
        return best;
    }
}
