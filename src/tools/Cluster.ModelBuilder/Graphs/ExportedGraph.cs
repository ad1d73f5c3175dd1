using Cluster.ModelBuilder.Protobuf;
using Cluster.ModelBuilder.Weights;

namespace Cluster.ModelBuilder.Graphs;

/// <summary>
/// The convention of Optimum and transformers.js exports: plain operators, explicit positions, and a present that is the past with the new
/// positions appended. With <c>use_cache_branch</c> the graph is one If over a first run without past and a later one with it.
/// </summary>
public static class ExportedGraph
{
    public static OnnxGraph Build(ModelShape shape, NumberFormat format, WeightTensors weights, int contextLength, bool lastOnly,
        bool cacheBranch)
    {
        if (!shape.IsPlain)
        {
            throw new ModelBuildException($"the family {shape.Family} is built in the GenAi layout only");
        }

        var root = new OnnxGraph("main_graph");
        root.Input("input_ids", ElementType.Int64, "batch_size", "sequence_length");
        root.Input("attention_mask", ElementType.Int64, "batch_size", "past_sequence_length + sequence_length");
        root.Input("position_ids", ElementType.Int64, "batch_size", "sequence_length");
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            root.Input($"past_key_values.{layer}.key", format.Activations, "batch_size", shape.KeyValueHeads, "past_sequence_length",
                shape.HeadSize);
            root.Input($"past_key_values.{layer}.value", format.Activations, "batch_size", shape.KeyValueHeads, "past_sequence_length",
                shape.HeadSize);
        }

        Outputs(root, shape, format, "", lastOnly);
        var (cosines, sines) = RotaryTable.Compute(shape, contextLength);
        root.Initializer(weights.Computed("cos_table", [contextLength, shape.HeadSize / 2], cosines));
        root.Initializer(weights.Computed("sin_table", [contextLength, shape.HeadSize / 2], sines));
        if (!cacheBranch)
        {
            new ExportedBody(root, root, shape, format, weights, "", withPast: true).Write(lastOnly);
            return root;
        }

        root.Input("use_cache_branch", ElementType.Bool, 1);
        var branches = new OnnxGraph[2];
        foreach (var withPast in new[] { false, true })
        {
            var prefix = withPast ? "with_past." : "first.";
            var branch = new OnnxGraph(prefix.TrimEnd('.'));
            new ExportedBody(root, branch, shape, format, weights, prefix, withPast).Write(lastOnly);
            Outputs(branch, shape, format, prefix, lastOnly);
            branches[withPast ? 1 : 0] = branch;
        }

        root.Node("If", "", ["use_cache_branch"], [.. OutputNames(shape, "")], ("then_branch", branches[1]), ("else_branch", branches[0]));
        return root;
    }

    private static IEnumerable<string> OutputNames(ModelShape shape, string prefix) =>
        Enumerable.Range(0, shape.Layers).SelectMany(layer =>
            new[] { $"{prefix}present.{layer}.key", $"{prefix}present.{layer}.value" }).Prepend(prefix + "logits");

    private static void Outputs(OnnxGraph graph, ModelShape shape, NumberFormat format, string prefix, bool lastOnly)
    {
        foreach (var name in OutputNames(shape, prefix))
        {
            if (name.EndsWith("logits", StringComparison.Ordinal))
            {
                graph.Output(name, ElementType.Float, "batch_size", lastOnly ? 1 : "sequence_length", shape.Vocabulary);
            }
            else
            {
                graph.Output(name, format.Activations, "batch_size", shape.KeyValueHeads, "past_sequence_length + sequence_length",
                    shape.HeadSize);
            }
        }
    }
}
