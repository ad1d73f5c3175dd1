namespace Cluster.Decoding.Sampling;

/// <summary>
/// Draws from weights under min_p, then top_k, then top_p (of what top_k left). Exact, and linear in the usual cases: top_p alone is
/// drawn by rejection, since a token is in the nucleus exactly if less than p lies before it in rank, which one vectorised pass tells; no
/// sort of 150,000 weights. Where many tries would fail (top_k, small p), the candidates are ranked.
/// </summary>
/// <remarks>Rejected: a histogram of weights by exponent. Scattered additions cost more than all the passes here together.</remarks>
internal sealed class Nucleus(int vocabularySize)
{
    private const int TriesMax = 16;
    private const float RejectionPMin = 0.5f;

    private readonly double[] _blockSums = new double[vocabularySize / Weights.BlockLength + 1];
    private readonly float[] _weights = new float[vocabularySize];
    private readonly ulong[] _ranked = new ulong[vocabularySize];

    /// <returns>Index of the drawn value.</returns>
    public int Draw(ReadOnlySpan<float> values, float largest, SamplingOptions options, int choice, int position)
    {
        Span<float> weights = _weights.AsSpan(0, values.Length);
        double total = Weights.Fill(values, largest, options.Temperature, options.MinP, weights, _blockSums);
        int rankMax = options.TopK == 0 ? weights.Length : Math.Min(options.TopK, weights.Length);
        bool isWhole = rankMax == weights.Length && options.TopP >= 1f;
        bool byRejection = rankMax == weights.Length && options.TopP >= RejectionPMin;
        for (int draw = 0; isWhole || (byRejection && draw < TriesMax); draw++)
        {
            double uniform = Philox.Uniform(options.Seed, choice, position, draw);
            int index = Weights.Find(weights, _blockSums, uniform * total);
            if (isWhole || Weights.SumRankedBefore(weights, index) < options.TopP * total) return index;
        }
        return DrawRanked(weights, total, rankMax, options, choice, position);
    }

    private int DrawRanked(ReadOnlySpan<float> weights, double total, int rankMax, SamplingOptions options, int choice, int position)
    {
        // What lies below this bound weighs less than 1 - p altogether, so none of it is in the nucleus.
        bool isTopPAlone = rankMax == weights.Length;
        float floor = isTopPAlone ? (float)((1 - options.TopP) * total / weights.Length) : 0f;
        int count = Rank(weights, floor, rankMax);
        if (!isTopPAlone) total = SumRanked(count);
        double limit = options.TopP * total, mass = 0;
        int kept = 0;
        while (kept < count && (kept == 0 || mass < limit)) mass += WeightOf(_ranked[kept++]);

        double target = Philox.Uniform(options.Seed, choice, position, TriesMax) * mass;
        double running = 0;
        for (int i = 0; i < kept; i++)
        {
            running += WeightOf(_ranked[i]);
            if (running > target) return IndexOf(_ranked[i]);
        }
        return IndexOf(_ranked[kept - 1]);
    }

    /// <summary>Leaves the heaviest weights in <see cref="_ranked"/>, heaviest first, lowest index first among equals.</summary>
    private int Rank(ReadOnlySpan<float> weights, float floor, int rankMax)
    {
        int count = 0;
        ulong lowest = 0;
        int room = rankMax >= weights.Length / 2 ? weights.Length : rankMax * 2;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] <= 0 || weights[i] < floor) continue;
            ulong key = (ulong)BitConverter.SingleToUInt32Bits(weights[i]) << 32 | ~(uint)i;
            if (key < lowest) continue;
            _ranked[count++] = key;
            if (count < room || room == weights.Length) continue;

            // Twice as many as wanted: keep the better half. Amortised over the half that came in.
            SortDescending(count);
            count = rankMax;
            lowest = _ranked[count - 1];
        }
        SortDescending(count);
        return Math.Min(count, rankMax);
    }

    private void SortDescending(int count)
    {
        Span<ulong> keys = _ranked.AsSpan(0, count);
        keys.Sort();
        keys.Reverse();
    }

    private double SumRanked(int count)
    {
        double total = 0;
        for (int i = 0; i < count; i++) total += WeightOf(_ranked[i]);
        return total;
    }

    private static float WeightOf(ulong key) => BitConverter.UInt32BitsToSingle((uint)(key >> 32));

    private static int IndexOf(ulong key) => (int)~(uint)key;
}
