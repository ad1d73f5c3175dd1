using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;

namespace Cluster.Onnx.Tests;

/// <summary>Weights as a quantised or half-precision model has them: the reference over these must agree with that model's graph.</summary>
public sealed class RoundedWeights(IWeightSource source, NumberFormat format) : IWeightSource
{
    public void Read(string name, Span<float> target)
    {
        source.Read(name, target);
        var matrix = !name.EndsWith("norm.weight", StringComparison.Ordinal) && !name.EndsWith("bias", StringComparison.Ordinal);
        if (format.Bits > 0 && matrix)
        {
            Dequantize(target);
        }
        else if (format.Activations == ModelBuilder.Protobuf.ElementType.Float16)
        {
            foreach (ref var value in target)
            {
                value = (float)(Half)value;
            }
        }
    }

    public void Dispose() => source.Dispose();

    private void Dequantize(Span<float> values)
    {
        var scales = BlockQuantizer.Scales(values, format.Bits, format.Block);
        var codes = BlockQuantizer.Codes(values, format.Bits, format.Block);
        for (var i = 0; i < values.Length; i++)
        {
            var code = format.Bits == 8 ? codes[i] : (codes[i / 2] >> (i % 2 * 4)) & 15;
            values[i] = (code - (1 << (format.Bits - 1))) * scales[i / format.Block];
        }
    }
}
