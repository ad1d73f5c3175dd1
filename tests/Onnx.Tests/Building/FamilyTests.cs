using System.Text.Json.Nodes;
using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;

namespace Cluster.Onnx.Tests.Building;

/// <summary>Each family from a Hugging Face folder of its own form, against the reference: configuration, tensor names, packed tensors, norms
/// stored less one, windows shorter than the sequences.</summary>
public sealed class FamilyTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("cluster-family-").FullName;

    [Theory]
    [InlineData("MistralForCausalLM", """{"sliding_window":9}""")]
    [InlineData("MistralForCausalLM", """{"sliding_window":null}""")]
    [InlineData("Qwen3ForCausalLM", """{"head_dim":32,"attention_bias":false}""")]
    [InlineData("Phi3ForCausalLM", """{"sliding_window":262144,"attention_bias":false}""")]
    [InlineData("Phi3ForCausalLM", """
        {"head_dim":32,"partial_rotary_factor":0.5,"original_max_position_embeddings":64,"tie_word_embeddings":true,
         "rope_scaling":{"type":"longrope","short_factor":[1,1,1,1,1,1,1,1],"long_factor":[1,1.2,1.5,2,3,4,5,6]}}
        """)]
    [InlineData("SmolLM3ForCausalLM", """{"no_rope_layers":[1,0,1]}""")]
    [InlineData("Gemma2ForCausalLM", """
        {"head_dim":16,"sliding_window":7,"query_pre_attn_scalar":24,"attn_logit_softcapping":5.0,"final_logit_softcapping":3.0,
         "hidden_activation":"gelu_pytorch_tanh"}
        """)]
    [InlineData("Gemma3ForCausalLM", """
        {"head_dim":16,"sliding_window":7,"sliding_window_pattern":3,"query_pre_attn_scalar":16,"rope_theta":1000000,"rope_local_base_freq":10000,
         "rope_scaling":{"rope_type":"linear","factor":8.0},"hidden_activation":"gelu_pytorch_tanh"}
        """)]
    public void Family_AgreesWithTheReference(string architecture, string settings)
    {
        JsonObject config = Config(architecture, settings);
        string from = Path.Combine(_root, "from"), to = Path.Combine(_root, "to");
        Directory.CreateDirectory(from);
        File.WriteAllText(Path.Combine(from, "config.json"), config.ToJsonString());
        ModelShape shape = HuggingFaceConfig.Read(from);
        HuggingFaceFolder.WriteWeights(from, shape, new RandomWeights(shape, 5));
        ModelFolderBuilder.Convert(from, new BuildOptions { Folder = to });

        using var model = OnnxModel.Load(new OnnxModelOptions { Folder = to, Id = "tiny", Slots = 3, Threads = 1 });
        var reference = new ReferenceDecoder(shape, new FamilyWeightsByDefinition(shape, new RandomWeights(shape, 5)));
        Assert.InRange(Agreement.Worst(model, reference), 0, 2e-4);
    }

    [Theory]
    [InlineData("MistralForCausalLM", """{"rope_scaling":{"type":"yarn","factor":2.0}}""", "rope scaling yarn is not supported")]
    [InlineData("Qwen3ForCausalLM", """{"use_sliding_window":true}""", "use_sliding_window is not supported")]
    [InlineData("Qwen3ForCausalLM", """{"attention_bias":true}""", "attention_bias is not supported for qwen3")]
    [InlineData("Gemma3ForCausalLM", """{"hidden_activation":"silu"}""", "hidden_act silu is not supported; gelu_pytorch_tanh is")]
    [InlineData("Gemma3ForCausalLM", """{"rope_parameters":{"full_attention":{}}}""", "rope_parameters per kind of layer are not supported")]
    [InlineData("MixtralForCausalLM", "{}", "architecture MixtralForCausalLM is not supported")]
    public void Setting_ThatTheGraphHasNot_IsRefusedByName(string architecture, string settings, string message)
    {
        File.WriteAllText(Path.Combine(_root, "config.json"), Config(architecture, settings).ToJsonString());
        Assert.Contains(message, Assert.Throws<ModelBuildException>(() => HuggingFaceConfig.Read(_root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Layout_ThatLacksTheFamily_IsRefusedByName()
    {
        ModelShape shape = TinyModel.Default with { Family = "qwen3", HeadNorms = true };
        var options = new BuildOptions { Folder = _root, Layout = FolderLayout.Optimum };
        var error = Assert.Throws<ModelBuildException>(() => ModelFolderBuilder.Write(shape, new RandomWeights(shape, 1), options));
        Assert.Equal("the family qwen3 is built in the GenAi layout only", error.Message);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static JsonObject Config(string architecture, string settings)
    {
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(architecture),
            ["hidden_size"] = 64,
            ["intermediate_size"] = 96,
            ["num_hidden_layers"] = 3,
            ["num_attention_heads"] = 4,
            ["num_key_value_heads"] = 2,
            ["vocab_size"] = 320,
            ["max_position_embeddings"] = 256,
            ["eos_token_id"] = 1,
        };
        foreach (var (name, value) in JsonNode.Parse(settings)!.AsObject()) config[name] = value?.DeepClone();
        return config;
    }

    /// <summary>What the family's own definition makes of its stored weights.</summary>
    private sealed class FamilyWeightsByDefinition(ModelShape shape, IWeightSource stored) : IWeightSource
    {
        public void Read(string name, Span<float> target)
        {
            stored.Read(name, target);
            if (!shape.Family.StartsWith("gemma", StringComparison.Ordinal) || !name.Contains("norm", StringComparison.Ordinal)) return;
            for (int i = 0; i < target.Length; i++) target[i] = 1 + target[i];
        }

        public void Dispose() => stored.Dispose();
    }
}
