using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cluster.ModelBuilder;

/// <summary>Which tool's folders the result looks like.</summary>
public enum FolderLayout
{
    /// <summary>ONNX Runtime GenAI: <c>model.onnx</c>, <c>genai_config.json</c>. The fastest.</summary>
    GenAi,

    /// <summary>Optimum: <c>model.onnx</c>, <c>config.json</c>.</summary>
    Optimum,

    /// <summary>Older Optimum: <c>decoder_model_merged.onnx</c> with <c>use_cache_branch</c>.</summary>
    OptimumMerged,

    /// <summary>transformers.js: <c>onnx/model*.onnx</c>, <c>config.json</c>.</summary>
    TransformersJs,
}

/// <summary>File names and JSON of the layouts that keep the Hugging Face <c>config.json</c>.</summary>
public static class ExportedFolder
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    public static string GraphFile(FolderLayout layout, string dtype) => layout switch
    {
        FolderLayout.OptimumMerged => "decoder_model_merged.onnx",
        FolderLayout.TransformersJs => "onnx/" + dtype switch
        {
            "fp32" => "model.onnx",
            "fp16" => "model_fp16.onnx",
            "int4" => "model_q4.onnx",
            "int4-fp16" => "model_q4f16.onnx",
            _ => "model_int8.onnx",
        },
        _ => "model.onnx",
    };

    public static void WriteConfig(string folder, ModelShape shape)
    {
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(shape.Family == "qwen2" ? "Qwen2ForCausalLM" : "LlamaForCausalLM"),
            ["model_type"] = shape.Family,
            ["hidden_act"] = "silu",
            ["hidden_size"] = shape.Hidden,
            ["intermediate_size"] = shape.Intermediate,
            ["num_hidden_layers"] = shape.Layers,
            ["num_attention_heads"] = shape.Heads,
            ["num_key_value_heads"] = shape.KeyValueHeads,
            ["head_dim"] = shape.HeadSize,
            ["max_position_embeddings"] = shape.ContextLength,
            ["rms_norm_eps"] = shape.NormEpsilon,
            ["rope_theta"] = shape.RopeTheta,
            ["tie_word_embeddings"] = shape.TiedEmbeddings,
            ["vocab_size"] = shape.Vocabulary,
            ["bos_token_id"] = shape.BosToken,
            ["pad_token_id"] = shape.PadToken,
            ["eos_token_id"] = new JsonArray([.. shape.EosTokens.Select(token => (JsonNode)token)]),
        };
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString(_indented) + "\n");
    }
}
