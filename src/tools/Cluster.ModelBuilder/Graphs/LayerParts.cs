using Cluster.ModelBuilder.Protobuf;
using Cluster.ModelBuilder.Weights;

namespace Cluster.ModelBuilder.Graphs;

/// <summary>
/// The pieces that every layout shares: embedding, projections in the chosen number format, norms, the gated feed-forward, the head.
/// </summary>
/// <param name="root">Holds the initializers.</param>
/// <param name="nodes">Receives the nodes: the root, or a branch of an If.</param>
/// <param name="prefix">Keeps names of branches apart.</param>
/// <param name="isFused">Biases inside of quantised products and gates in one node, where there are kernels for it: fewer nodes to launch
/// and fewer passes over what lies between them.</param>
public sealed class LayerParts(
    OnnxGraph root, OnnxGraph nodes, ModelShape shape, NumberFormat format, WeightTensors weights, string prefix, bool isFused)
{
    private const string Embedding = "model.embed_tokens.weight";

    public string Embed(string tokens)
    {
        NamedRows[] rows = [new(Embedding, shape.Vocabulary)];
        if (format.Bits == 0)
        {
            var table = root.Initializer(weights.Dense(Embedding, rows, shape.Hidden, transposed: false));
            return nodes.Node("Gather", prefix + "embedded", [table, tokens], ("axis", 0));
        }

        var (codes, scales) = weights.Quantized(Embedding + ".table", rows, shape.Hidden, flat: true);
        return nodes.Contrib(
            "GatherBlockQuantized",
            prefix + "embedded",
            [root.Initializer(codes), tokens, root.Initializer(scales)],
            ("bits", format.Bits),
            ("block_size", format.Block),
            ("gather_axis", 0),
            ("quantize_axis", 1));
    }

    /// <summary>input x rowsᵀ, the rows of several projections side by side in one product.</summary>
    public string Project(string output, string input, int width, string bias, params NamedRows[] rows)
    {
        var name = string.Join('+', rows.Select(part => part.Tensor));
        var isInside = isFused && format.Bits > 0 && format.Activations == ElementType.Float;
        var product = bias == "" || isInside ? output : output + "_unbiased";
        if (format.Bits == 0)
        {
            nodes.Node("MatMul", product, [input, root.Initializer(weights.Dense(name, rows, width, transposed: true))]);
        }
        else
        {
            var (codes, scales) = weights.Quantized(name, rows, width, flat: false);
            nodes.Contrib(
                "MatMulNBits",
                product,
                bias != "" && isInside ? [input, root.Initializer(codes), root.Initializer(scales), "", "", bias]
                    : [input, root.Initializer(codes), root.Initializer(scales)],
                ("K", width),
                ("N", rows.Sum(part => part.Rows)),
                ("accuracy_level", format.AccuracyLevel),
                ("bits", format.Bits),
                ("block_size", format.Block));
        }

        return product == output ? output : nodes.Node("Add", output, [product, bias]);
    }

    public string Bias(string name, params NamedRows[] parts) => root.Initializer(weights.Vector(name, parts));

    /// <param name="width">Values that are normalised together; 0 is the hidden size.</param>
    public string Norm(string output, string input, string tensor, int width = 0) =>
        nodes.Node("SimplifiedLayerNormalization", output, [input, NormWeight(tensor, width)], ("axis", -1), ("epsilon", shape.NormEpsilon),
            ("stash_type", 1));

    /// <summary>Adds a branch to the residual stream and normalises the sum.</summary>
    /// <returns>The normalised sum; <paramref name="sum"/> names the sum itself.</returns>
    public string AddAndNorm(string output, string sum, string residual, string branch, string tensor)
    {
        nodes.Node("SkipSimplifiedLayerNormalization", "com.microsoft", [branch, residual, NormWeight(tensor)], [output, "", "", sum],
            ("epsilon", shape.NormEpsilon));
        return output;
    }

    public string FeedForward(string name, string tensors, string input)
    {
        var gate = Project(name + "gate", input, shape.Hidden, "", new NamedRows(tensors + "gate_proj.weight", shape.Intermediate));
        var up = Project(name + "up", input, shape.Hidden, "", new NamedRows(tensors + "up_proj.weight", shape.Intermediate));
        var opened = shape.GeluGate ? nodes.Contrib("FastGelu", name + "gelu", [gate])
            : isFused && format.Activations == ElementType.Float ? nodes.Contrib("QuickGelu", name + "silu", [gate], ("alpha", 1f))
            : nodes.Node("Mul", name + "silu", [gate, nodes.Node("Sigmoid", name + "sigmoid", [gate])]);
        var gated = nodes.Node("Mul", name + "gated", [opened, up]);
        return Project(name + "down", gated, shape.Intermediate, "", new NamedRows(tensors + "down_proj.weight", shape.Hidden));
    }

    /// <summary>Logits, always float.</summary>
    /// <param name="lastOnly">Only after the last token of each row.</param>
    public string Head(string output, string hidden, bool lastOnly)
    {
        if (lastOnly)
        {
            hidden = nodes.Node("Slice", prefix + "last",
                [hidden, root.Constant("minus_one", -1), root.Constant("end", long.MaxValue), root.Constant("one", 1)]);
        }

        var isFloat = format.Activations == ElementType.Float;
        var logits = isFloat && shape.LogitSoftcap == 0 ? output : output + "_product";
        NamedRows[] rows = [new(shape.TiedEmbeddings ? Embedding : "lm_head.weight", shape.Vocabulary)];
        if (format.Bits == 0 && shape.TiedEmbeddings)
        {
            // The table serves both ends as it lies.
            var table = root.Initializer(weights.Dense(Embedding, rows, shape.Hidden, transposed: false));
            nodes.Contrib("FusedMatMul", logits, [hidden, table], ("transB", 1));
        }
        else
        {
            Project(logits, hidden, shape.Hidden, "", rows);
        }

        if (shape.LogitSoftcap > 0)
        {
            var cap = root.Scalar("logit_cap", shape.LogitSoftcap, format.Activations);
            var bounded = nodes.Node("Tanh", output + "_bounded", [nodes.Node("Div", output + "_relative", [logits, cap])]);
            logits = nodes.Node("Mul", isFloat ? output : output + "_capped", [bounded, cap]);
        }

        return logits == output ? output : nodes.Node("Cast", output, [logits], ("to", (int)ElementType.Float));
    }

    private string NormWeight(string tensor, int width = 0) =>
        root.Initializer(weights.Vector(tensor, new NamedRows(tensor, width == 0 ? shape.Hidden : width)));
}
