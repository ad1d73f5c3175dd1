using Cluster.ModelBuilder.Protobuf;
using Cluster.ModelBuilder.Weights;

namespace Cluster.ModelBuilder.Graphs;

/// <summary>The nodes of an exported decoder, in the root graph or in a branch of its If.</summary>
/// <param name="root">Holds the initializers.</param>
/// <param name="nodes">Receives the nodes.</param>
/// <param name="prefix">Keeps the two branches' names apart.</param>
internal sealed class ExportedBody(OnnxGraph root, OnnxGraph nodes, ModelShape shape, NumberFormat format, WeightTensors weights,
    string prefix, bool withPast)
{
    private readonly LayerParts _parts = new(root, nodes, shape, format, weights, prefix, isFused: false);

    public void Write(bool lastOnly)
    {
        var mask = Mask();
        var cosines = Turn("cos_table");
        var sines = Turn("sin_table");
        var state = _parts.Embed("input_ids");
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var (name, tensors) = ($"{prefix}layers.{layer}.", $"model.layers.{layer}.");
            var attended = Attention(name, tensors + "self_attn.", layer,
                Norm(name + "input", state, tensors + "input_layernorm.weight"), mask, cosines, sines);
            var middle = nodes.Node("Add", name + "middle", [state, attended]);
            var fed = _parts.FeedForward(name, tensors + "mlp.", Norm(name + "post", middle, tensors + "post_attention_layernorm.weight"));
            state = nodes.Node("Add", name + "end", [middle, fed]);
        }

        _parts.Head(prefix + "logits", Norm(prefix + "final", state, "model.norm.weight"), lastOnly);
    }

    /// <summary>[batch, 1, sequence, total]: nothing where a key is valid and not later than the query, a large negative number
    /// elsewhere.</summary>
    private string Mask()
    {
        var zero = root.Initializer(Int64Scalar("zero", 0));
        var one = root.Initializer(Int64Scalar("one_scalar", 1));
        string Length(string name, string input) =>
            nodes.Node("Gather", prefix + name, [nodes.Node("Shape", prefix + name + "_shape", [input]), one], ("axis", 0));
        var sequence = Length("sequence", "input_ids");
        var total = Length("total", "attention_mask");
        var past = nodes.Node("Sub", prefix + "past", [total, sequence]);
        var keys = nodes.Node("Range", prefix + "key_positions", [zero, total, one]);
        var queries = nodes.Node("Unsqueeze", prefix + "query_column",
            [nodes.Node("Range", prefix + "query_positions", [past, total, one]), root.Constant("axis_1", 1)]);
        var causal = nodes.Node("LessOrEqual", prefix + "causal", [keys, queries]);
        var valid = nodes.Node("Cast", prefix + "valid", ["attention_mask"], ("to", (int)ElementType.Bool));
        var spread = nodes.Node("Unsqueeze", prefix + "valid_spread", [valid, root.Constant("axes_1_2", 1, 2)]);
        var seen = nodes.Node("And", prefix + "seen", [spread, causal]);
        return nodes.Node("Where", prefix + "mask",
            [seen, root.Scalar("nothing", 0, format.Activations), root.Scalar("hidden", -60_000, format.Activations)]);
    }

    /// <summary>Rows of a rotary table at the positions, both halves of a head alike: [batch, 1, sequence, head size].</summary>
    private string Turn(string table)
    {
        var rows = nodes.Node("Gather", $"{prefix}{table}_rows", [table, "position_ids"], ("axis", 0));
        var both = nodes.Node("Concat", $"{prefix}{table}_both", [rows, rows], ("axis", -1));
        return nodes.Node("Unsqueeze", $"{prefix}{table}_heads", [both, root.Constant("axis_1", 1)]);
    }

    private string Attention(string name, string tensors, int layer, string normed, string mask, string cosines, string sines)
    {
        var query = Rotate(name + "q", Heads(name, tensors, "q", normed, shape.Heads), cosines, sines);
        var newKey = Rotate(name + "k", Heads(name, tensors, "k", normed, shape.KeyValueHeads), cosines, sines);
        var newValue = Heads(name, tensors, "v", normed, shape.KeyValueHeads);
        var key = Repeat(name + "k", Present($"{layer}.key", newKey));
        var value = Repeat(name + "v", Present($"{layer}.value", newValue));
        var turned = nodes.Node("Transpose", name + "k_columns", [key], ("perm", new long[] { 0, 1, 3, 2 }));
        var products = nodes.Node("MatMul", name + "products", [query, turned]);
        var scaled = nodes.Node("Mul", name + "scaled",
            [products, root.Scalar("scale", 1f / MathF.Sqrt(shape.HeadSize), format.Activations)]);
        var masked = nodes.Node("Add", name + "masked", [scaled, mask]);
        var shares = nodes.Node("Softmax", name + "shares", [masked], ("axis", -1));
        var mixed = nodes.Node("MatMul", name + "mixed", [shares, value]);
        var rows = nodes.Node("Transpose", name + "mixed_rows", [mixed], ("perm", new long[] { 0, 2, 1, 3 }));
        var flat = nodes.Node("Reshape", name + "attended", [rows, root.Constant("flat_shape", 0, 0, shape.QueryWidth)]);
        return _parts.Project(name + "out", flat, shape.QueryWidth, "", new NamedRows(tensors + "o_proj.weight", shape.Hidden));
    }

    private string Heads(string name, string tensors, string kind, string normed, int heads)
    {
        var width = heads * shape.HeadSize;
        var bias = shape.QkvBias ? _parts.Bias($"{tensors}{kind}_proj.bias", new NamedRows($"{tensors}{kind}_proj.bias", width)) : "";
        var projected = _parts.Project($"{name}{kind}", normed, shape.Hidden, bias, new NamedRows($"{tensors}{kind}_proj.weight", width));
        var split = nodes.Node("Reshape", $"{name}{kind}_split", [projected, root.Constant($"heads_{heads}", 0, 0, heads, shape.HeadSize)]);
        return nodes.Node("Transpose", $"{name}{kind}_heads", [split], ("perm", new long[] { 0, 2, 1, 3 }));
    }

    private string Rotate(string name, string heads, string cosines, string sines)
    {
        string Half(string part, long start, long end) =>
            nodes.Node("Slice", name + part,
                [heads, root.Constant($"at_{start}", start), root.Constant($"at_{end}", end), root.Constant("last_axis", -1)]);
        var low = Half("_low", 0, shape.HeadSize / 2);
        var high = Half("_high", shape.HeadSize / 2, shape.HeadSize);
        var crossed = nodes.Node("Concat", name + "_crossed", [nodes.Node("Neg", name + "_negated", [high]), low], ("axis", -1));
        var straight = nodes.Node("Mul", name + "_straight", [heads, cosines]);
        var turned = nodes.Node("Mul", name + "_turned", [crossed, sines]);
        return nodes.Node("Add", name + "_rotated", [straight, turned]);
    }

    private string Present(string cache, string added) => withPast
        ? nodes.Node("Concat", $"{prefix}present.{cache}", [$"past_key_values.{cache}", added], ("axis", 2))
        : nodes.Node("Identity", $"{prefix}present.{cache}", [added]);

    /// <summary>Each key-value head once per query head that shares it.</summary>
    private string Repeat(string name, string heads)
    {
        var shared = shape.Heads / shape.KeyValueHeads;
        var spread = nodes.Node("Unsqueeze", name + "_spread", [heads, root.Constant("axis_2", 2)]);
        var repeated = nodes.Node("Expand", name + "_repeated", [spread, root.Constant("shared", 1, 1, shared, 1, 1)]);
        return nodes.Node("Reshape", name + "_all", [repeated, root.Constant("all_heads", 0, shape.Heads, -1, shape.HeadSize)]);
    }

    /// <summary>The norm in plain operators, as exporters write it, in float.</summary>
    private string Norm(string name, string input, string tensor)
    {
        var half = format.Activations == ElementType.Float16;
        var wide = half ? nodes.Node("Cast", name + "_wide", [input], ("to", (int)ElementType.Float)) : input;
        var squares = nodes.Node("Mul", name + "_squares", [wide, wide]);
        var mean = nodes.Node("ReduceMean", name + "_mean", [squares, root.Constant("last_axis", -1)], ("keepdims", 1));
        var padded = nodes.Node("Add", name + "_padded", [mean, root.Scalar("epsilon", shape.NormEpsilon, ElementType.Float)]);
        var divided = nodes.Node("Div", name + "_divided", [wide, nodes.Node("Sqrt", name + "_root", [padded])]);
        var narrow = half ? nodes.Node("Cast", name + "_narrow", [divided], ("to", (int)ElementType.Float16)) : divided;
        return nodes.Node("Mul", name + "_normed", [narrow, root.Initializer(weights.Vector(tensor, new NamedRows(tensor, shape.Hidden)))]);
    }

    private static TensorData Int64Scalar(string name, long value) =>
        new(name, ElementType.Int64, [], 8, stream => Bytes.Write<long>(stream, [value]));
}
