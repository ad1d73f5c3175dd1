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
    /// <param name="isFused">False is the form that ONNX Runtime GenAI's own builder writes; see <see cref="LayerParts"/>.</param>
    public static OnnxGraph Build(
        ModelShape shape, NumberFormat format, WeightTensors weights, int contextLength, bool lastOnly, bool isFused = true)
    {
        var graph = new OnnxGraph("decoder");
        var parts = new LayerParts(graph, graph, shape, format, weights, "", isFused);
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
        AddRotaryTables(graph, shape, weights, contextLength);
        var residual = parts.Embed("input_ids");
        if (shape.EmbeddingScale != 1)
        {
            residual = graph.Node("Mul", "scaled_embedding",
                [residual, graph.Scalar("embedding_scale", shape.EmbeddingScale, format.Activations)]);
        }

        var normed = parts.Norm("layers.0.input", residual, "model.layers.0.input_layernorm.weight");
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var (name, tensors) = ($"layers.{layer}.", $"model.layers.{layer}.");
            var attended = new GenAiAttention(graph, parts, shape, layer).Write(normed, lengths);
            if (shape.BranchNorms)
            {
                attended = parts.Norm(name + "attended_normed", attended, tensors + "post_attention_layernorm.weight");
            }

            normed = parts.AddAndNorm(name + "middle", name + "middle_sum", residual, attended,
                tensors + (shape.BranchNorms ? "pre_feedforward_layernorm.weight" : "post_attention_layernorm.weight"));
            var fed = parts.FeedForward(name, tensors + "mlp.", normed);
            if (shape.BranchNorms)
            {
                fed = parts.Norm(name + "fed_normed", fed, tensors + "post_feedforward_layernorm.weight");
            }

            var next = layer + 1 < shape.Layers ? $"model.layers.{layer + 1}.input_layernorm.weight" : "model.norm.weight";
            normed = parts.AddAndNorm(name + "end", name + "end_sum", name + "middle_sum", fed, next);
            residual = name + "end_sum";
        }

        parts.Head("logits", normed, lastOnly);
        return graph;
    }

    private static void AddRotaryTables(OnnxGraph graph, ModelShape shape, WeightTensors weights, int contextLength)
    {
        Add("cos_cache", "sin_cache", ofSlidingLayers: false);
        if (shape.SlidingRopeTheta is not null)
        {
            Add("sliding_cos_cache", "sliding_sin_cache", ofSlidingLayers: true);
        }

        void Add(string cosineName, string sineName, bool ofSlidingLayers)
        {
            var (cosines, sines) = RotaryTable.Compute(shape, contextLength, ofSlidingLayers);
            graph.Initializer(weights.Computed(cosineName, [contextLength, shape.RotaryWidth / 2], cosines));
            graph.Initializer(weights.Computed(sineName, [contextLength, shape.RotaryWidth / 2], sines));
        }
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
}
