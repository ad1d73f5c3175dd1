using System.Numerics;
using System.Numerics.Tensors;
using Cluster.Grammar.Masks;

namespace Cluster.Decoding.Sampling;

/// <summary>How much of the model's own probability a mask takes away. One pass of exp over the vocabulary; allocates nothing.</summary>
internal static class ConstraintPressure
{
    /// <param name="logits">All logits of the row, as the model gave them.</param>
    /// <param name="mask">What is allowed.</param>
    /// <returns>From 0 (nothing was taken away) to 1; null where the logits are not numbers.</returns>
    public static double? Of(ReadOnlySpan<float> logits, in TokenMask mask)
    {
        float largest = TensorPrimitives.Max(logits);
        if (!float.IsFinite(largest)) return null;
        double removed = mask.IsList ? OutsideList(logits, largest, mask.Ids) : OutsideBits(logits, largest, mask.Bits);
        return Math.Clamp(removed, 0, 1);
    }

    /// <summary>Lists are short: what they allow is added up, and the rest was taken away.</summary>
    private static double OutsideList(ReadOnlySpan<float> logits, float largest, ReadOnlySpan<int> ids)
    {
        double allowed = 0;
        foreach (int id in ids) allowed += MathF.Exp(logits[id] - largest);
        return 1 - (allowed / Weights.SumExp(logits, largest));
    }

    /// <summary>Adds up the gaps themselves: where next to nothing is taken away, a difference would be all rounding.</summary>
    private static double OutsideBits(ReadOnlySpan<float> logits, float largest, ReadOnlySpan<ulong> bits)
    {
        Span<float> scratch = stackalloc float[Weights.BlockLength];
        double total = 0, removed = 0;
        for (int start = 0; start < logits.Length; start += Weights.BlockLength)
        {
            Span<float> weights = scratch[..Math.Min(Weights.BlockLength, logits.Length - start)];
            TensorPrimitives.Subtract(logits.Slice(start, weights.Length), largest, weights);
            TensorPrimitives.Exp(weights, weights);
            total += TensorPrimitives.Sum<float>(weights);
            for (int at = 0; at < weights.Length; at += 64)
            {
                int word = (start + at) >> 6;
                removed += SumGaps(weights[at..Math.Min(at + 64, weights.Length)], word < bits.Length ? bits[word] : 0);
            }
        }
        return removed / total;
    }

    private static double SumGaps(ReadOnlySpan<float> weights, ulong allowed)
    {
        if (allowed == ulong.MaxValue) return 0;
        if (allowed == 0) return TensorPrimitives.Sum(weights);
        float sum = 0;
        for (ulong gaps = ~allowed; gaps != 0; gaps &= gaps - 1)
        {
            int index = BitOperations.TrailingZeroCount(gaps);
            if (index >= weights.Length) break;
            sum += weights[index];
        }
        return sum;
    }
}
