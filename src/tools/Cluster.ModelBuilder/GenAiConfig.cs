using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cluster.ModelBuilder;

/// <summary>Writes <c>genai_config.json</c>: how a GenAI runtime (ours or Microsoft's) finds its way around the graph.</summary>
internal static class GenAiConfig
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    public static void Write(string folder, ModelShape shape, int contextLength, bool lastOnly)
    {
        var model = new JsonObject
        {
            ["bos_token_id"] = shape.BosToken,
            ["context_length"] = contextLength,
            ["decoder"] = new JsonObject
            {
                ["session_options"] = new JsonObject { ["log_id"] = "cluster", ["provider_options"] = new JsonArray() },
                ["filename"] = "model.onnx",
                ["head_size"] = shape.HeadSize,
                ["hidden_size"] = shape.Hidden,
                ["inputs"] = new JsonObject
                {
                    ["input_ids"] = "input_ids",
                    ["attention_mask"] = "attention_mask",
                    ["past_key_names"] = "past_key_values.%d.key",
                    ["past_value_names"] = "past_key_values.%d.value",
                },
                ["outputs"] = new JsonObject
                {
                    ["logits"] = "logits",
                    ["present_key_names"] = "present.%d.key",
                    ["present_value_names"] = "present.%d.value",
                },
                ["num_attention_heads"] = shape.Heads,
                ["num_hidden_layers"] = shape.Layers,
                ["num_key_value_heads"] = shape.KeyValueHeads,
            },
            ["eos_token_id"] = shape.EosTokens is [var single] ? single
                : new JsonArray([.. shape.EosTokens.Select(token => (JsonNode)token)]),
            ["pad_token_id"] = shape.PadToken ?? shape.EosTokens.FirstOrDefault(),
            ["type"] = shape.Family,
            ["vocab_size"] = shape.Vocabulary,
        };
        var root = new JsonObject
        {
            ["model"] = model,
            ["search"] = new JsonObject
            {
                ["do_sample"] = false,
                ["max_length"] = contextLength,
                ["past_present_share_buffer"] = true,
                ["num_beams"] = 1,
                ["temperature"] = 1.0,
                ["top_k"] = 1,
                ["top_p"] = 1.0,
            },
        };
        if (lastOnly)
        {
            model["decoder"]!["prune_lm_head"] = true;
        }

        File.WriteAllText(Path.Combine(folder, "genai_config.json"), root.ToJsonString(_indented) + "\n");
    }
}
