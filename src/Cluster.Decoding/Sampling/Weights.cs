using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Cluster.Decoding.Sampling;

/// <summary>Vectorised passes over unnormalised probabilities (the largest is 1).</summary>
/// <remarks>About 0.1 ms per 150,000 weights and pass of Exp, a fifth of that for each other pass, on one core with 256-bit
/// vectors.</remarks>
internal static class Weights
{
    /// <summary>Passes go block by block, so that they find each in the first-level cache.</summary>
    public const int BlockLength = 1024;

    /// <summary>exp((value - largest) / temperature) of each value, 0 below <paramref name="floor"/>.</summary>
    /// <returns>Total of all weights.</returns>
    public static double Fill(ReadOnlySpan<float> values, float largest, float temperature, float floor, Span<float> weights)
    {
        double total = 0;
        for (int start = 0; start < weights.Length; start += BlockLength)
        {
            int length = Math.Min(BlockLength, weights.Length - start);
            Span<float> target = weights.Slice(start, length);
            TensorPrimitives.Subtract(values.Slice(start, length), largest, target);
            if (temperature != 1f) TensorPrimitives.Divide(target, temperature, target);
            TensorPrimitives.Exp(target, target);
            if (floor > 0) DropBelow(target, floor);
            total += TensorPrimitives.Sum<float>(target);
        }
        return total;
    }

    /// <summary>Sum of exp(value - largest).</summary>
    public static double SumExp(ReadOnlySpan<float> values, float largest)
    {
        Span<float> scratch = stackalloc float[BlockLength];
        double total = 0;
        for (int start = 0; start < values.Length; start += BlockLength)
        {
            int length = Math.Min(BlockLength, values.Length - start);
            TensorPrimitives.Subtract(values.Slice(start, length), largest, scratch[..length]);
            TensorPrimitives.Exp(scratch[..length], scratch[..length]);
            total += TensorPrimitives.Sum<float>(scratch[..length]);
        }
        return total;
    }

    /// <summary>Total of the weights that rank before the one at <paramref name="index"/>: the larger ones, and equal ones of a lower
    /// index.</summary>
    public static double SumRankedBefore(ReadOnlySpan<float> weights, int index)
    {
        float weight = weights[index];
        double total = 0;
        var threshold = new Vector<float>(weight);
        for (int start = 0; start < weights.Length; start += BlockLength)
        {
            ReadOnlySpan<float> block = weights.Slice(start, Math.Min(BlockLength, weights.Length - start));
            var sums = Vector<float>.Zero;
            int i = 0;
            for (; i <= block.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                var chunk = new Vector<float>(block[i..]);
                sums += Vector.ConditionalSelect(Vector.GreaterThan(chunk, threshold), chunk, Vector<float>.Zero);
            }
            float sum = Vector.Sum(sums);
            for (; i < block.Length; i++) if (block[i] > weight) sum += block[i];
            total += sum;
        }
        int equalBefore = MemoryMarshal.Cast<float, int>(weights[..index]).Count(BitConverter.SingleToInt32Bits(weight));
        return total + (double)equalBefore * weight;
    }

    private static void DropBelow(Span<float> weights, float floor)
    {
        for (int i = 0; i < weights.Length; i++) if (weights[i] < floor) weights[i] = 0;
    }
}
