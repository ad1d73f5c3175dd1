using System.Text.Json;
using static Cluster.ModelBuilder.HuggingFaceConfig;

namespace Cluster.ModelBuilder;

/// <summary>What one architecture of Hugging Face has beyond what every decoder's configuration says, in one place each.</summary>
/// <param name="Architecture">As in <c>architectures</c> of config.json.</param>
/// <param name="Name">As in genai_config.json.</param>
public sealed record ModelFamily(string Architecture, string Name)
{
    private static readonly ModelFamily[] _all =
    [
        new("LlamaForCausalLM", "llama"),
        new("MistralForCausalLM", "mistral") { Complete = WithWindowEverywhere },
        new("Qwen2ForCausalLM", "qwen2") { HasQkvBias = true },
        new("Qwen3ForCausalLM", "qwen3") { HeadSize = 128, Complete = (shape, _) => shape with { HeadNorms = true } },
        new("Phi3ForCausalLM", "phi3") { Complete = WithWindowEverywhere, HasPackedProjections = true },
        new("SmolLM3ForCausalLM", "smollm3") { TiesEmbeddings = true, Complete = WithUnrotatedLayers },
        new("Gemma2ForCausalLM", "gemma2")
        {
            HeadSize = 256, TiesEmbeddings = true, Activation = "gelu_pytorch_tanh", HasNormsAboutOne = true, Complete = AsGemma2,
        },
        new("Gemma3ForCausalLM", "gemma3_text")
        {
            HeadSize = 256, TiesEmbeddings = true, Activation = "gelu_pytorch_tanh", HasNormsAboutOne = true, Complete = AsGemma3,
        },
    ];

    public static IEnumerable<string> Architectures => _all.Select(family => family.Architecture);

    /// <summary>Of the gate, where the configuration names one.</summary>
    public string Activation { get; private init; } = "silu";

    /// <summary>Where the configuration does not say; null is hidden / heads.</summary>
    public int? HeadSize { get; private init; }

    public bool HasQkvBias { get; private init; }

    /// <summary>Where the configuration does not say.</summary>
    public bool TiesEmbeddings { get; private init; }

    /// <summary>Query, key and value are one tensor, gate and up another.</summary>
    public bool HasPackedProjections { get; private init; }

    /// <summary>Weights of norms are stored less one.</summary>
    public bool HasNormsAboutOne { get; private init; }

    internal Func<ModelShape, JsonElement, ModelShape> Complete { get; private init; } = (shape, _) => shape;

    public static ModelFamily? Find(string? architecture) => Array.Find(_all, family => family.Architecture == architecture);

    public static ModelFamily OfName(string name) => Array.Find(_all, family => family.Name == name)
        ?? throw new ModelBuildException($"the family {name} is not known");

    private static ModelShape WithWindowEverywhere(ModelShape shape, JsonElement config)
        => Optional(config, "sliding_window")?.GetInt32() is not { } window || window >= shape.ContextLength
            ? shape
            : shape with { SlidingWindow = window, LayerKinds = [.. Enumerable.Repeat(LayerKind.Sliding, shape.Layers)] };

    private static ModelShape WithUnrotatedLayers(ModelShape shape, JsonElement config)
    {
        if (Optional(config, "no_rope_layers") is not { } rotated)
        {
            var interval = Optional(config, "no_rope_layer_interval")?.GetInt32() ?? 4;
            return shape with { LayerKinds = Kinds(shape, layer => (layer + 1) % interval == 0 ? LayerKind.Unrotated : LayerKind.Full) };
        }

        var flags = rotated.EnumerateArray().Select(flag => flag.GetInt32()).ToArray();
        return shape with { LayerKinds = Kinds(shape, layer => flags[layer] == 0 ? LayerKind.Unrotated : LayerKind.Full) };
    }

    private static ModelShape AsGemma2(ModelShape shape, JsonElement config) => AsGemma(shape, config, layer => layer % 2 == 0, 4096) with
    {
        AttentionSoftcap = Optional(config, "attn_logit_softcapping")?.GetSingle() ?? 0,
        LogitSoftcap = Optional(config, "final_logit_softcapping")?.GetSingle() ?? 0,
    };

    private static ModelShape AsGemma3(ModelShape shape, JsonElement config)
    {
        var interval = Optional(config, "sliding_window_pattern")?.GetInt32() ?? 6;
        return AsGemma(shape, config, layer => (layer + 1) % interval != 0, 512) with
        {
            HeadNorms = true,
            RopeTheta = Optional(config, "rope_theta")?.GetDouble() ?? 1_000_000,
            SlidingRopeTheta = Optional(config, "rope_local_base_freq")?.GetDouble() ?? 10_000,
        };
    }

    private static ModelShape AsGemma(ModelShape shape, JsonElement config, Func<int, bool> isSliding, int window) => shape with
    {
        BranchNorms = true,
        GeluGate = true,
        EmbeddingScale = MathF.Sqrt(shape.Hidden),
        AttentionScale = 1 / MathF.Sqrt(Optional(config, "query_pre_attn_scalar")?.GetSingle() ?? shape.HeadSize),
        SlidingWindow = Optional(config, "sliding_window")?.GetInt32() ?? window,
        LayerKinds = Optional(config, "layer_types") is { } types
            ? [.. types.EnumerateArray().Select(type => type.GetString() == "sliding_attention" ? LayerKind.Sliding : LayerKind.Full)]
            : Kinds(shape, layer => isSliding(layer) ? LayerKind.Sliding : LayerKind.Full),
    };

    private static LayerKind[] Kinds(ModelShape shape, Func<int, LayerKind> kind) => [.. Enumerable.Range(0, shape.Layers).Select(kind)];
}
