using Cluster.ModelBuilder.Protobuf;
using Cluster.ModelBuilder.Weights;

namespace Cluster.ModelBuilder.Graphs;

/// <summary>
/// The ONNX Runtime GenAI convention: GroupQueryAttention with its rotary embedding inside, keys and values of all positions in one
/// buffer that
/// is input and output at once, valid lengths from the attention mask.
/// </summary>
/// <remarks>Query, key and value come from one product: on small batches a product costs its launch, not its width.</remarks>
public static class GenAiGraph
{
    public static OnnxGraph Build(ModelShape shape, NumberFormat format, WeightTensors weights, int contextLength, bool lastOnly)
    {
        var graph = new OnnxGraph("decoder");
        var parts = new LayerParts(graph, graph, shape, format, weights, "");
        graph.Input("input_ids", ElementType.Int64, "batch", "sequence");
        graph.Input("attention_mask", ElementType.Int64, "batch", "total");
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            graph.Input($"past_key_values.{layer}.key", format.Activations, "batch", shape.KeyValueHeads, "past", shape.HeadSize);
            graph.Input($"past_key_values.{layer}.value", format.Activations, "batch", shape.KeyValueHeads, "past", shape.HeadSize);
        }

        graph.Output("logits", ElementType.Float, "batch", lastOnly ? 1 : "sequence", shape.Vocabulary);
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            graph.Output($"present.{layer}.key", format.Activations, "batch", shape.KeyValueHeads, "present", shape.HeadSize);
            graph.Output($"present.{layer}.value", format.Activations, "batch", shape.KeyValueHeads, "present", shape.HeadSize);
        }

        var lengths = Lengths(graph);
        var (cosines, sines) = RotaryTable.Compute(shape, contextLength);
        graph.Initializer(weights.Computed("cos_cache", [contextLength, shape.HeadSize / 2], cosines));
        graph.Initializer(weights.Computed("sin_cache", [contextLength, shape.HeadSize / 2], sines));

        var residual = parts.Embed("input_ids");
        var normed = parts.Norm("layers.0.input", residual, "model.layers.0.input_layernorm.weight");
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var (name, tensors) = ($"layers.{layer}.", $"model.layers.{layer}.");
            var attended = Attention(graph, parts, shape, layer, normed, lengths);
            normed = parts.AddAndNorm(name + "middle", name + "middle_sum", residual, attended,
                tensors + "post_attention_layernorm.weight");
            var fed = parts.FeedForward(name, tensors + "mlp.", normed);
            var next = layer + 1 < shape.Layers ? $"model.layers.{layer + 1}.input_layernorm.weight" : "model.norm.weight";
            normed = parts.AddAndNorm(name + "end", name + "end_sum", name + "middle_sum", fed, next);
            residual = name + "end_sum";
        }

        parts.Head("logits", normed, lastOnly);
        return graph;
    }

    /// <summary>Index of each row's last valid position, and the width of the mask.</summary>
    private static (string Last, string Total) Lengths(OnnxGraph graph)
    {
        graph.Node("ReduceSum", "lengths", ["attention_mask", graph.Constant("one", 1)], ("keepdims", 0));
        graph.Node("Sub", "lasts", ["lengths", graph.Constant("one", 1)]);
        graph.Node("Cast", "seqlens_k", ["lasts"], ("to", (int)ElementType.Int32));
        graph.Node("Shape", "mask_shape", ["attention_mask"]);
        graph.Initializer(new TensorData("axis_one", ElementType.Int64, [], 8, stream => Bytes.Write<long>(stream, [1])));
        graph.Node("Gather", "mask_width", ["mask_shape", "axis_one"], ("axis", 0));
        graph.Node("Cast", "total_sequence_length", ["mask_width"], ("to", (int)ElementType.Int32));
        return ("seqlens_k", "total_sequence_length");
    }

    private static string Attention(OnnxGraph graph, LayerParts parts, ModelShape shape, int layer, string normed,
        (string Last, string Total) lengths)
    {
        var (name, tensors) = ($"layers.{layer}.", $"model.layers.{layer}.self_attn.");
        NamedRows[] Rows(string kind) =>
        [
            new(tensors + "q_proj." + kind, shape.QueryWidth),
            new(tensors + "k_proj." + kind, shape.KeyValueWidth),
            new(tensors + "v_proj." + kind, shape.KeyValueWidth),
        ];
        var bias = shape.QkvBias ? parts.Bias(name + "qkv_bias", Rows("bias")) : "";
        var packed = parts.Project(name + "qkv", normed, shape.Hidden, bias, Rows("weight"));
        graph.Node(
            "GroupQueryAttention",
            "com.microsoft",
            [packed, "", "", $"past_key_values.{layer}.key", $"past_key_values.{layer}.value", lengths.Last, lengths.Total, "cos_cache",
                "sin_cache"],
            [name + "attended", $"present.{layer}.key", $"present.{layer}.value"],
            ("num_heads", shape.Heads),
            ("kv_num_heads", shape.KeyValueHeads),
            ("scale", 1f / MathF.Sqrt(shape.HeadSize)),
            ("do_rotary", 1),
            ("rotary_interleaved", 0));
        return parts.Project(name + "out", name + "attended", shape.QueryWidth, "", new NamedRows(tensors + "o_proj.weight", shape.Hidden));
    }
}
