using Cluster.ModelBuilder.Protobuf;

namespace Cluster.ModelBuilder;

/// <summary>How weights are stored and in what type the graph computes.</summary>
/// <param name="Bits">0: the matrices are dense; 4 or 8: blocks of integers with one scale each (MatMulNBits).</param>
/// <param name="Block">Weights that share a scale.</param>
/// <param name="AccuracyLevel">4: activations are rounded to int8 within a product, fast on a CPU; 1: they stay float.</param>
/// <param name="Activations">Type of activations, of dense weights and of the key-value cache.</param>
public sealed record NumberFormat(int Bits, int Block, ElementType Activations, int AccuracyLevel = 4)
{
    /// <param name="dtype"><c>fp32</c>, <c>fp16</c>, <c>int4</c>, <c>int8</c>; <c>int4-fp16</c> and <c>int8-fp16</c> compute in half
    /// precision.</param>
    /// <param name="block">16, 32, 64 or 128.</param>
    public static NumberFormat Parse(string dtype, int block, int accuracyLevel)
    {
        if (accuracyLevel is < 0 or > 4)
        {
            throw new ModelBuildException($"accuracy level {accuracyLevel} is not supported; 0 to 4 are");
        }

        if (block is not (16 or 32 or 64 or 128))
        {
            throw new ModelBuildException($"block {block} is not supported; 16, 32, 64 and 128 are");
        }

        var format = dtype switch
        {
            "fp32" => new NumberFormat(0, block, ElementType.Float),
            "fp16" => new NumberFormat(0, block, ElementType.Float16),
            "int4" => new NumberFormat(4, block, ElementType.Float),
            "int8" => new NumberFormat(8, block, ElementType.Float),
            "int4-fp16" => new NumberFormat(4, block, ElementType.Float16),
            "int8-fp16" => new NumberFormat(8, block, ElementType.Float16),
            _ => throw new ModelBuildException($"dtype {dtype} is not supported; fp32, fp16, int4, int8, int4-fp16 and int8-fp16 are"),
        };
        return format with { AccuracyLevel = accuracyLevel };
    }
}
