namespace Cluster.Decoding.Sampling;

/// <summary>
/// Draws from weights under min_p, then top_k, then top_p (of what top_k left): the token of these that <see cref="TokenNoise"/> lets
/// arrive first. Exact, and linear in the usual cases: under top_p alone the race is run over all tokens, and a winner outside the nucleus
/// is passed over, with all that rank behind it; a token is in the nucleus exactly if less than p lies before it in rank, which one
/// vectorised pass tells; no sort of 150,000 weights. Where many winners would be passed over (top_k, small p), the candidates are ranked.
/// Both ways find the same token.
/// </summary>
/// <remarks>Rejected: a histogram of weights by exponent. Scattered additions cost more than all the passes here together.</remarks>
internal sealed class Nucleus(int vocabularySize)
{
    private const int RacesMax = 16;
    private const float RacePMin = 0.5f;

    private readonly float[] _weights = new float[vocabularySize];
    private readonly ulong[] _ranked = new ulong[vocabularySize];

    /// <param name="values">Logits of the candidates.</param>
    /// <param name="ids">Their token ids; empty where the index is the id.</param>
    /// <param name="largest">The largest of the values.</param>
    /// <returns>Index of the drawn value.</returns>
    public int Draw(ReadOnlySpan<float> values, ReadOnlySpan<int> ids, float largest, SamplingOptions options, int choice, int position)
    {
        Span<float> weights = _weights.AsSpan(0, values.Length);
        double total = Weights.Fill(values, largest, options.Temperature, options.MinP, weights);
        var noise = new TokenNoise(options.Seed, choice, position);
        int rankMax = options.TopK == 0 ? weights.Length : Math.Min(options.TopK, weights.Length);
        if (rankMax == weights.Length && options.TopP >= 1f) return noise.First(weights, ids, limit: -1);
        if (rankMax == weights.Length && options.TopP >= RacePMin)
        {
            int outside = -1;
            for (int race = 0; race < RacesMax; race++)
            {
                int index = noise.First(weights, ids, outside);
                if (Weights.SumRankedBefore(weights, index) < options.TopP * total) return index;
                outside = index;
            }
        }
        return DrawRanked(weights, ids, total, rankMax, options, noise);
    }

    private int DrawRanked(ReadOnlySpan<float> weights, ReadOnlySpan<int> ids, double total, int rankMax, SamplingOptions options, TokenNoise noise)
    {
        // What lies below this bound weighs less than 1 - p altogether, so none of it is in the nucleus.
        bool isTopPAlone = rankMax == weights.Length;
        float floor = isTopPAlone ? (float)((1 - options.TopP) * total / weights.Length) : 0f;
        int count = Rank(weights, floor, rankMax);
        if (!isTopPAlone) total = SumRanked(count);
        double limit = options.TopP * total, mass = 0, first = double.PositiveInfinity;
        int drawn = -1;
        for (int i = 0; i < count && (i == 0 || mass < limit); i++)
        {
            float weight = WeightOf(_ranked[i]);
            int index = IndexOf(_ranked[i]);
            mass += weight;
            double time = noise.Of(ids.IsEmpty ? index : ids[index]) / weight;
            if (time < first) (drawn, first) = (index, time);
        }
        return drawn;
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
