using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Cluster.Decoding.Sampling;

/// <summary>Log-probabilities at temperature 1: of the distribution after penalties, bias and mask, or of the model's own.</summary>
internal static class Logprobs
{
    /// <summary>Stands for a probability of zero; the contract has no infinities.</summary>
    public const float Floor = -9999f;

    /// <param name="candidates">Where ids come from.</param>
    /// <param name="values">Their logits, or all the model's logits where <paramref name="isRaw"/>.</param>
    /// <param name="token">The chosen token.</param>
    /// <param name="topCount">Alternatives to list, likeliest first, lowest id first among equals.</param>
    /// <param name="scratch">At least as long as <paramref name="values"/>.</param>
    public static TokenLogprob Compute(Candidates candidates, ReadOnlySpan<float> values, int token, int topCount, Span<float> scratch, bool isRaw)
    {
        float largest = TensorPrimitives.Max(values);
        Span<float> weights = scratch[..values.Length];
        Weights.Fill(values, largest, 1f, weights);
        double total = 0;
        for (int start = 0; start < weights.Length; start += Weights.BlockLength)
        {
            total += TensorPrimitives.Sum<float>(weights.Slice(start, Math.Min(Weights.BlockLength, weights.Length - start)));
        }
        float logTotal = largest + (float)Math.Log(total);
        int chosen = isRaw ? token : candidates.IndexOf(token);
        var top = new KeyValuePair<int, float>[Math.Min(topCount, values.Length)];
        int found = 0;
        for (int i = 0; i < values.Length && top.Length > 0; i++)
        {
            if (float.IsNegativeInfinity(values[i]) || (found == top.Length && values[i] <= top[found - 1].Value)) continue;
            int place = found < top.Length ? found++ : found - 1;
            for (; place > 0 && top[place - 1].Value < values[i]; place--) top[place] = top[place - 1];
            top[place] = new(isRaw ? i : candidates.IdOf(i), values[i]);
        }
        for (int i = 0; i < found; i++) top[i] = new(top[i].Key, Floored(top[i].Value - logTotal));
        if (found < top.Length) Array.Resize(ref top, found);
        return new TokenLogprob(token, Floored(values[chosen] - logTotal), ImmutableCollectionsMarshal.AsImmutableArray(top));
    }

    private static float Floored(float logprob) => logprob < Floor ? Floor : Math.Min(logprob, 0f);
}
