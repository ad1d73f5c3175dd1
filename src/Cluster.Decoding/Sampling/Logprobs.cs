using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Cluster.Decoding.Sampling;

/// <summary>Log-probabilities at temperature 1: of the distribution after penalties, bias and mask, or of the model's own.</summary>
internal static class Logprobs
{
    /// <summary>Stands for a probability of zero; the contract has no infinities.</summary>
    public const float Floor = -9999f;

    /// <param name="candidates">Where ids come from, unless <paramref name="isWhole"/>.</param>
    /// <param name="values">Logits of the candidates, or of every id where <paramref name="isWhole"/>.</param>
    /// <param name="token">The chosen token.</param>
    /// <param name="topCount">Alternatives to list, likeliest first, lowest id first among equals.</param>
    public static TokenLogprob Compute(Candidates candidates, ReadOnlySpan<float> values, int token, int topCount, bool isWhole)
    {
        float largest = TensorPrimitives.Max(values);
        float logTotal = largest + (float)Math.Log(Weights.SumExp(values, largest));
        int chosen = isWhole ? token : candidates.IndexOf(token);
        var top = new KeyValuePair<int, float>[Math.Min(topCount, values.Length)];
        int found = 0;
        for (int i = 0; i < values.Length && top.Length > 0; i++)
        {
            if (float.IsNegativeInfinity(values[i]) || (found == top.Length && values[i] <= top[found - 1].Value)) continue;
            int place = found < top.Length ? found++ : found - 1;
            for (; place > 0 && top[place - 1].Value < values[i]; place--) top[place] = top[place - 1];
            top[place] = new(isWhole ? i : candidates.IdOf(i), values[i]);
        }
        for (int i = 0; i < found; i++) top[i] = new(top[i].Key, Floored(top[i].Value - logTotal));
        if (found < top.Length) Array.Resize(ref top, found);
        return new TokenLogprob(token, Floored(values[chosen] - logTotal), ImmutableCollectionsMarshal.AsImmutableArray(top));
    }

    private static float Floored(float logprob) => logprob < Floor ? Floor : Math.Min(logprob, 0f);
}
