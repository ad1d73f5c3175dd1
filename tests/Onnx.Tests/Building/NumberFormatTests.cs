using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;

namespace Cluster.Onnx.Tests.Building;

public sealed class NumberFormatTests
{
    [Theory]
    [InlineData("int4", 16, 1, 1e-4)]
    [InlineData("int4", 32, 1, 1e-4)]
    [InlineData("int8", 32, 1, 1e-4)]
    [InlineData("int4", 32, 4, 0.3)]
    [InlineData("int8", 32, 4, 0.3)]
    [InlineData("fp16", 32, 4, 0.05)]
    public void Graph_AgreesWithReferenceOverTheSameRoundedWeights(string dtype, int block, int accuracy, double tolerance)
    {
        foreach (var shape in new[] { TinyModel.Default, TinyModel.QwenLike })
        {
            using var tiny = new TinyModel(shape, options => options with { Dtype = dtype, Block = block, AccuracyLevel = accuracy });
            using var model = OnnxModel.Load(new OnnxModelOptions { Folder = tiny.Folder, Id = "tiny", Slots = 3, Threads = 1 });
            var rounded = new RoundedWeights(new RandomWeights(shape, TinyModel.Seed), NumberFormat.Parse(dtype, block, accuracy));

            Assert.InRange(Agreement.Worst(model, new ReferenceDecoder(shape, rounded)), 0, tolerance);
        }
    }

    [Fact]
    public void Block_ThatDoesNotDivideTheWidth_IsRefused()
    {
        var error = Assert.Throws<ModelBuildException>(() =>
            new TinyModel(change: options => options with { Dtype = "int4", Block = 128 }));
        Assert.Contains("not a multiple of the block 128", error.Message, StringComparison.Ordinal);
    }
}
