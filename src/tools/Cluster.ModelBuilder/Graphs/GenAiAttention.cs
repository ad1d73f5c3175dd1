using Cluster.ModelBuilder.Protobuf;
using Cluster.ModelBuilder.Weights;

namespace Cluster.ModelBuilder.Graphs;

/// <summary>One layer's attention as a GroupQueryAttention over the buffer of keys and values.</summary>
/// <remarks>Query, key and value come from one product. They stay packed where nothing happens to them before the rotation; norms of heads
/// take them apart.</remarks>
internal sealed class GenAiAttention(OnnxGraph graph, LayerParts parts, ModelShape shape, int layer)
{
    private readonly string _name = $"layers.{layer}.";
    private readonly string _tensors = $"model.layers.{layer}.self_attn.";

    /// <param name="normed">Input.</param>
    /// <param name="lengths">Index of each row's last valid position, and the width of the mask.</param>
    /// <returns>The attention's output, projected.</returns>
    public string Write(string normed, (string Last, string Total) lengths)
    {
        var bias = shape.QkvBias ? parts.Bias(_name + "qkv_bias", Rows("bias")) : "";
        var packed = parts.Project(_name + "qkv", normed, shape.Hidden, bias, Rows("weight"));
        string[] heads = shape.HeadNorms ? Apart(packed) : [packed, "", ""];
        var kind = shape.KindOf(layer);
        var table = kind == LayerKind.Sliding && shape.SlidingRopeTheta is not null ? "sliding_" : "";
        var isRotated = kind != LayerKind.Unrotated;
        string[] tables = isRotated ? [table + "cos_cache", table + "sin_cache"] : [];
        var attributes = new List<(string, object)>
        {
            ("num_heads", shape.Heads),
            ("kv_num_heads", shape.KeyValueHeads),
            ("scale", shape.AttentionScale ?? (1f / MathF.Sqrt(shape.HeadSize))),
            ("do_rotary", isRotated ? 1 : 0),
            ("rotary_interleaved", 0),
        };
        if (kind == LayerKind.Sliding)
        {
            attributes.Add(("local_window_size", shape.SlidingWindow));
        }

        if (shape.AttentionSoftcap > 0)
        {
            attributes.Add(("softcap", shape.AttentionSoftcap));
        }

        graph.Node(
            "GroupQueryAttention",
            "com.microsoft",
            [.. heads, $"past_key_values.{layer}.key", $"past_key_values.{layer}.value", lengths.Last, lengths.Total, .. tables],
            [_name + "attended", $"present.{layer}.key", $"present.{layer}.value"],
            [.. attributes]);
        return parts.Project(_name + "out", _name + "attended", shape.QueryWidth, "", new NamedRows(_tensors + "o_proj.weight", shape.Hidden));
    }

    private NamedRows[] Rows(string kind) =>
    [
        new(_tensors + "q_proj." + kind, shape.QueryWidth),
        new(_tensors + "k_proj." + kind, shape.KeyValueWidth),
        new(_tensors + "v_proj." + kind, shape.KeyValueWidth),
    ];

    /// <summary>Query, key and value; the first two with each head normalised.</summary>
    private string[] Apart(string packed)
    {
        var (query, key, value) = (_name + "query", _name + "key", _name + "value");
        var widths = graph.Constant("qkv_widths", shape.QueryWidth, shape.KeyValueWidth, shape.KeyValueWidth);
        graph.Node("Split", "", [packed, widths], [query, key, value], ("axis", -1));
        return [NormHeads(query, "q_norm.weight", shape.Heads), NormHeads(key, "k_norm.weight", shape.KeyValueHeads), value];
    }

    private string NormHeads(string input, string tensor, int heads)
    {
        var split = graph.Node("Reshape", input + "_heads", [input, graph.Constant($"heads_{heads}", 0, 0, heads, shape.HeadSize)]);
        var normed = parts.Norm(input + "_heads_normed", split, _tensors + tensor, shape.HeadSize);
        return graph.Node("Reshape", input + "_normed", [normed, graph.Constant($"flat_{heads}", 0, 0, heads * shape.HeadSize)]);
    }
}
