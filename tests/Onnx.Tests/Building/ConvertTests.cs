using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;

namespace Cluster.Onnx.Tests.Building;

public sealed class ConvertTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("cluster-convert-").FullName;

    private string From => Path.Combine(_root, "from");

    private string To => Path.Combine(_root, "to");

    [Theory]
    [InlineData("F32", 1, 1e-4)]
    [InlineData("F32", 2, 1e-4)]
    [InlineData("F16", 1, 0.05)]
    [InlineData("BF16", 1, 0.3)]
    public void HuggingFaceFolder_AgreesWithReference(string type, int files, double tolerance)
    {
        foreach (var shape in new[] { TinyModel.Default, TinyModel.QwenLike })
        {
            if (Directory.Exists(From))
            {
                Directory.Delete(From, recursive: true);
            }

            HuggingFaceFolder.Write(From, shape, new RandomWeights(shape, 5), type, files);
            ModelFolderBuilder.Convert(From, new BuildOptions { Folder = To });
            using var model = OnnxModel.Load(new OnnxModelOptions { Folder = To, Id = "tiny", Slots = 3, Threads = 1 });

            Assert.InRange(Agreement.Worst(model, new ReferenceDecoder(shape, new RandomWeights(shape, 5))), 0, tolerance);
            Assert.True(File.Exists(Path.Combine(To, "tokenizer.json")));
        }
    }

    [Fact]
    public void SameSource_GivesTheSameBytes()
    {
        HuggingFaceFolder.Write(From, TinyModel.Default, new RandomWeights(TinyModel.Default, 5));
        ModelFolderBuilder.Convert(From, new BuildOptions { Folder = To });
        ModelFolderBuilder.Convert(From, new BuildOptions { Folder = To + "2" });

        Assert.Equal(File.ReadAllBytes(Path.Combine(To, "model.onnx")), File.ReadAllBytes(Path.Combine(To + "2", "model.onnx")));
    }

    [Theory]
    [InlineData("LlamaForCausalLM", "GPT2LMHeadModel", "architecture GPT2LMHeadModel is not supported")]
    [InlineData("\"vocab_size\": 320", "\"vocab_size\": 321",
        "tensor model.embed_tokens.weight: 20480 values, the configuration asks for 20544")]
    [InlineData("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "tensor model.layers.2.input_layernorm.weight is missing")]
    [InlineData("\"silu\"", "\"gelu\"", "hidden_act gelu is not supported")]
    [InlineData("\"rms_norm_eps\"", "\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4},\"rms_norm_eps\"",
        "rope scaling yarn is not supported")]
    [InlineData("\"hidden_size\": 64,", "", "hidden_size is missing")]
    public void Convert_WhatItCannotBuild_SaysWhyAndLeavesNoModel(string text, string instead, string message)
    {
        HuggingFaceFolder.Write(From, TinyModel.Default, new RandomWeights(TinyModel.Default, 5));
        var config = Path.Combine(From, "config.json");
        var changed = File.ReadAllText(config).Replace(text, instead, StringComparison.Ordinal);
        Assert.NotEqual(File.ReadAllText(config), changed);
        File.WriteAllText(config, changed);

        var error = Assert.Throws<ModelBuildException>(() => ModelFolderBuilder.Convert(From, new BuildOptions { Folder = To }));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(To, "model.onnx")));
    }

    [Fact]
    public void Convert_TruncatedSafetensors_SaysSo()
    {
        HuggingFaceFolder.Write(From, TinyModel.Default, new RandomWeights(TinyModel.Default, 5));
        var path = Path.Combine(From, "model-0.safetensors");
        using (var file = File.OpenWrite(path))
        {
            file.SetLength(file.Length - 100);
        }

        var error = Assert.Throws<ModelBuildException>(() => ModelFolderBuilder.Convert(From, new BuildOptions { Folder = To }));
        Assert.Contains("truncated", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
