namespace Cluster.ModelBuilder.Graphs;

/// <summary>Cosines and sines of the rotary embedding: one row per position, half of what is rotated of a head wide.</summary>
public static class RotaryTable
{
    /// <param name="ofSlidingLayers">The table of layers that see a window, where they have one of their own.</param>
    public static (float[] Cosines, float[] Sines) Compute(ModelShape shape, int positions, bool ofSlidingLayers = false)
    {
        var scaling = ofSlidingLayers && shape.SlidingRopeTheta is not null ? null : shape.RopeScaling;
        var frequencies = Frequencies(shape, (ofSlidingLayers ? shape.SlidingRopeTheta : null) ?? shape.RopeTheta, scaling, positions);
        var amplitude = scaling is { Kind: "longrope" } ? Amplitude(scaling) : 1;
        var cosines = new float[(long)positions * frequencies.Length];
        var sines = new float[cosines.Length];
        for (var position = 0; position < positions; position++)
        {
            for (var i = 0; i < frequencies.Length; i++)
            {
                var (sine, cosine) = Math.SinCos(position * frequencies[i]);
                cosines[(position * frequencies.Length) + i] = (float)(cosine * amplitude);
                sines[(position * frequencies.Length) + i] = (float)(sine * amplitude);
            }
        }

        return (cosines, sines);
    }

    private static double[] Frequencies(ModelShape shape, double theta, RopeScaling? scaling, int positions)
    {
        var frequencies = new double[shape.RotaryWidth / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            var frequency = Math.Pow(theta, -2.0 * i / shape.RotaryWidth);
            frequencies[i] = scaling switch
            {
                null => frequency,
                { Kind: "linear" } linear => frequency / linear.Factor,
                { Kind: "longrope" } longRope => frequency
                    / (positions > longRope.OriginalContextLength ? longRope.LongFactors : longRope.ShortFactors)[i],
                var llama3 => Llama3(frequency, llama3),
            };
        }

        return frequencies;
    }

    /// <summary>Short waves stay, long ones are stretched by the factor, those between are blended.</summary>
    private static double Llama3(double frequency, RopeScaling scaling)
    {
        var turns = scaling.OriginalContextLength * frequency / (2 * Math.PI);
        var blend = (turns - scaling.LowFrequencyFactor) / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor);
        blend = Math.Clamp(blend, 0, 1);
        return ((1 - blend) * frequency / scaling.Factor) + (blend * frequency);
    }

    /// <summary>Longer contexts sharpen attention: queries and keys grow a little with the factor.</summary>
    private static double Amplitude(RopeScaling scaling)
        => scaling.Factor <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(scaling.Factor) / Math.Log(scaling.OriginalContextLength)));
}
