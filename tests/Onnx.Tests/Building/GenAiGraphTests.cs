using Cluster.ModelBuilder;

namespace Cluster.Onnx.Tests.Building;

public sealed class GenAiGraphTests
{
    [Theory]
    [InlineData("llama", false)]
    [InlineData("llama", true)]
    [InlineData("qwen2", false)]
    [InlineData("qwen2", true)]
    public void Fp32_PrefillChunksAndRaggedDecode_AgreeWithReference(string family, bool lastOnly)
    {
        var shape = family == "llama" ? TinyModel.Default : TinyModel.QwenLike;
        using var tiny = new TinyModel(shape, options => options with { LastTokenOnly = lastOnly });
        using var model = OnnxModel.Load(new OnnxModelOptions { Folder = tiny.Folder, Id = "tiny", Slots = 3, Threads = 1 });

        Assert.Equal(!lastOnly, model.Info.Capabilities.LogitsAtEveryToken);
        Assert.InRange(Agreement.Worst(model, tiny.Reference), 0, 1e-4);
    }

    [Fact]
    public void ExternalData_AgreesWithReference()
    {
        using var tiny = new TinyModel(change: options => options with { ExternalFromBytes = 1000 });
        Assert.True(File.Exists(Path.Combine(tiny.Folder, "model.onnx.data")));
        using var model = OnnxModel.Load(new OnnxModelOptions { Folder = tiny.Folder, Id = "tiny", Slots = 3, Threads = 1 });

        Assert.InRange(Agreement.Worst(model, tiny.Reference), 0, 1e-4);
    }
}
