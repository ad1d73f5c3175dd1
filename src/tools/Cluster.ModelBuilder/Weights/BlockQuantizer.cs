namespace Cluster.ModelBuilder.Weights;

/// <summary>
/// Symmetric block quantisation as MatMulNBits wants it: within a block of a row, the value of largest magnitude maps to the lowest code,
/// the
/// zero point is the middle code, and with 4 bits the even index lies in the low half of a byte.
/// </summary>
public static class BlockQuantizer
{
    public static float[] Scales(ReadOnlySpan<float> values, int bits, int block)
    {
        var scales = new float[values.Length / block];
        for (var i = 0; i < scales.Length; i++)
        {
            scales[i] = Extreme(values.Slice(i * block, block)) / -(1 << (bits - 1));
        }

        return scales;
    }

    public static byte[] Codes(ReadOnlySpan<float> values, int bits, int block)
    {
        var scales = Scales(values, bits, block);
        var codes = new byte[(long)values.Length * bits / 8];
        var middle = 1 << (bits - 1);
        for (var i = 0; i < values.Length; i++)
        {
            var scale = scales[i / block];
            var steps = scale == 0 ? 0f : values[i] / scale;
            var code = Math.Clamp((int)MathF.Round(steps) + middle, 0, (1 << bits) - 1);
            if (bits == 8)
            {
                codes[i] = (byte)code;
            }
            else
            {
                codes[i / 2] |= (byte)(code << (i % 2 * 4));
            }
        }

        return codes;
    }

    private static float Extreme(ReadOnlySpan<float> values)
    {
        var extreme = 0f;
        foreach (var value in values)
        {
            extreme = MathF.Abs(value) > MathF.Abs(extreme) ? value : extreme;
        }

        return extreme;
    }
}
