using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;
using Cluster.Onnx.Folders;

namespace Cluster.Onnx.Tests.Building;

/// <summary>Every layout that users have, of the same model, gives the same logits.</summary>
public sealed class FolderLayoutTests
{
    [Theory]
    [InlineData(FolderLayout.Optimum, "model.onnx", false)]
    [InlineData(FolderLayout.Optimum, "model.onnx", true)]
    [InlineData(FolderLayout.OptimumMerged, "decoder_model_merged.onnx", false)]
    [InlineData(FolderLayout.OptimumMerged, "decoder_model_merged.onnx", true)]
    [InlineData(FolderLayout.TransformersJs, "onnx/model.onnx", false)]
    public void Layout_IsDetected_AndAgreesWithReference(FolderLayout layout, string file, bool lastOnly)
    {
        foreach (var shape in new[] { TinyModel.Default, TinyModel.QwenLike })
        {
            using var tiny = new TinyModel(shape, options => options with { Layout = layout, LastTokenOnly = lastOnly });
            Assert.True(File.Exists(Path.Combine(tiny.Folder, file)));
            Assert.Equal(CacheStyle.Appended, ModelFolder.Read(tiny.Folder).Style);
            using var model = OnnxModel.Load(new OnnxModelOptions { Folder = tiny.Folder, Id = "tiny", Slots = 3, Threads = 1 });

            Assert.Equal(!lastOnly, model.Info.Capabilities.LogitsAtEveryToken);
            Assert.Equal(256, model.Info.ContextLength);
            Assert.InRange(Agreement.Worst(model, tiny.Reference, decodeSteps: 50), 0, 1e-4);
        }
    }

    [Theory]
    [InlineData("int4", "onnx/model_q4.onnx", 1e-4)]
    [InlineData("fp16", "onnx/model_fp16.onnx", 0.05)]
    public void TransformersJs_Precisions_AgreeWithReference(string dtype, string file, double tolerance)
    {
        using var tiny = new TinyModel(change: options =>
            options with { Layout = FolderLayout.TransformersJs, Dtype = dtype, AccuracyLevel = 1, ExternalFromBytes = 1000 });
        Assert.True(File.Exists(Path.Combine(tiny.Folder, file + ".data")));
        using var model = OnnxModel.Load(
            new OnnxModelOptions { Folder = tiny.Folder, Id = "tiny", Slots = 3, Threads = 1, GraphFile = file });
        var rounded = new RoundedWeights(new RandomWeights(tiny.Shape, TinyModel.Seed), NumberFormat.Parse(dtype, 32, 1));

        Assert.InRange(Agreement.Worst(model, new ReferenceDecoder(tiny.Shape, rounded)), 0, tolerance);
    }

    [Theory]
    [InlineData("", "model.onnx")]
    [InlineData("fp32", "model.onnx")]
    [InlineData("int4", "model_q4.onnx")]
    [InlineData("fp16", "model_fp16.onnx")]
    public void Dtype_ChoosesAmongTheFoldersGraphs(string dtype, string file)
    {
        using var tiny = new TinyModel(change: options => options with { Layout = FolderLayout.TransformersJs });
        Write(tiny, "int4");
        Write(tiny, "fp16");
        Assert.Equal(file, Path.GetFileName(ModelFolder.Read(tiny.Folder, dtype: dtype).GraphPath));
    }

    [Theory]
    [InlineData("fp32")]
    [InlineData("fp16")]
    [InlineData("int8")]
    [InlineData("int4")]
    [InlineData("int4-fp16")]
    public void Dtype_IsReadFromTheGraph_AndAnotherIsRefusedByName(string dtype)
    {
        using var tiny = new TinyModel(change: options => options with { Dtype = dtype });
        Assert.Equal(dtype, ModelFolder.Read(tiny.Folder, dtype: dtype).Dtype);
        var error = Assert.Throws<ModelLoadException>(() => ModelFolder.Read(tiny.Folder, dtype: dtype == "fp32" ? "int4" : "fp32"));
        Assert.Equal(ModelLoadFailure.MissingFile, error.Failure);
        Assert.Contains($"model.onnx is {dtype}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Exported_WithoutAnyGraph_SaysWhatItLookedFor()
    {
        using var tiny = new TinyModel(change: options => options with { Layout = FolderLayout.TransformersJs });
        File.Delete(Path.Combine(tiny.Folder, "onnx", "model.onnx"));
        var error = Assert.Throws<ModelLoadException>(() => ModelFolder.Read(tiny.Folder));
        Assert.Equal(ModelLoadFailure.MissingFile, error.Failure);
        Assert.Contains("decoder_model_merged.onnx", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Exported_CopiedSlot_ContinuesLikeTheSource()
    {
        using var tiny = new TinyModel(change: options => options with { Layout = FolderLayout.Optimum });
        using var model = OnnxModel.Load(new OnnxModelOptions { Folder = tiny.Folder, Id = "tiny", Slots = 2, Threads = 1 });
        var batch = new Decoding.Models.ModelBatch(2, 64);
        var tokens = TinyModel.Tokens(20, 1);
        var expected = tiny.Reference.Logits(tokens);
        Agreement.Chunk(model, batch, 1, 0, tokens.AsSpan(0, 12), expected);
        model.CopySlot(1, 0, 12);

        Assert.InRange(Agreement.Chunk(model, batch, 0, 12, tokens.AsSpan(12), expected), 0, 1e-4);
    }

    /// <summary>The same model once more, in another number format.</summary>
    private static void Write(TinyModel tiny, string dtype)
    {
        using var weights = new RandomWeights(tiny.Shape, TinyModel.Seed);
        ModelFolderBuilder.Write(tiny.Shape, weights, new BuildOptions { Folder = tiny.Folder, Layout = FolderLayout.TransformersJs, Dtype = dtype });
    }
}
