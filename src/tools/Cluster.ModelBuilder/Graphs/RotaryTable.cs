namespace Cluster.ModelBuilder.Graphs;

/// <summary>Cosines and sines of the rotary embedding: one row per position, half a head wide.</summary>
public static class RotaryTable
{
    public static (float[] Cosines, float[] Sines) Compute(ModelShape shape, int positions)
    {
        var frequencies = Frequencies(shape);
        var cosines = new float[(long)positions * frequencies.Length];
        var sines = new float[cosines.Length];
        for (var position = 0; position < positions; position++)
        {
            for (var i = 0; i < frequencies.Length; i++)
            {
                var (sine, cosine) = Math.SinCos(position * frequencies[i]);
                cosines[(position * frequencies.Length) + i] = (float)cosine;
                sines[(position * frequencies.Length) + i] = (float)sine;
            }
        }

        return (cosines, sines);
    }

    private static double[] Frequencies(ModelShape shape)
    {
        var frequencies = new double[shape.HeadSize / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            var frequency = Math.Pow(shape.RopeTheta, -2.0 * i / shape.HeadSize);
            frequencies[i] = shape.RopeScaling switch
            {
                null => frequency,
                { Kind: "linear" } linear => frequency / linear.Factor,
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
}
