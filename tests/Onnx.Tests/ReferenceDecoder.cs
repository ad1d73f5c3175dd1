using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;

namespace Cluster.Onnx.Tests;

/// <summary>
/// A decoder in plain loops and double precision, written from the definition and not from the builder: rotate-half positions, grouped
/// attention, RMS norms, gated feed-forward, and what the families add to these. Slow and obvious; every layout must agree with it.
/// </summary>
public sealed class ReferenceDecoder(ModelShape shape, IWeightSource weights)
{
    private readonly Dictionary<string, float[]> _loaded = [];

    /// <summary>Logits after every token.</summary>
    public double[][] Logits(ReadOnlySpan<int> tokens)
    {
        var states = new double[tokens.Length][];
        var embedding = Load("model.embed_tokens.weight", shape.Vocabulary * shape.Hidden);
        for (var t = 0; t < tokens.Length; t++)
        {
            var row = embedding.AsSpan(tokens[t] * shape.Hidden, shape.Hidden).ToArray();
            states[t] = [.. row.Select(value => (double)value * shape.EmbeddingScale)];
        }

        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var name = $"model.layers.{layer}.";
            Attention(name, layer, states);
            foreach (var state in states)
            {
                var before = shape.BranchNorms ? "pre_feedforward_layernorm.weight" : "post_attention_layernorm.weight";
                var normed = Norm(name + before, state);
                var gate = Multiply(name + "mlp.gate_proj.weight", normed, shape.Intermediate);
                var up = Multiply(name + "mlp.up_proj.weight", normed, shape.Intermediate);
                var gated = gate.Zip(up, (g, u) => Gate(g) * u).ToArray();
                var fed = Multiply(name + "mlp.down_proj.weight", gated, shape.Hidden);
                Add(state, shape.BranchNorms ? Norm(name + "post_feedforward_layernorm.weight", fed) : fed);
            }
        }

        var head = shape.TiedEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight";
        return [.. states.Select(state => Capped(Multiply(head, Norm("model.norm.weight", state), shape.Vocabulary)))];
    }

    private double Gate(double value) => shape.GeluGate
        ? 0.5 * value * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (value + (0.044715 * value * value * value))))
        : value / (1 + Math.Exp(-value));

    private double[] Capped(double[] logits) => shape.LogitSoftcap == 0
        ? logits
        : [.. logits.Select(logit => shape.LogitSoftcap * Math.Tanh(logit / shape.LogitSoftcap))];

    private void Attention(string name, int layer, double[][] states)
    {
        var (queries, keys, values) = (new double[states.Length][], new double[states.Length][], new double[states.Length][]);
        for (var t = 0; t < states.Length; t++)
        {
            var normed = Norm(name + "input_layernorm.weight", states[t]);
            queries[t] = Projected(name + "self_attn.q_proj.", normed, shape.Heads * shape.HeadSize);
            keys[t] = Projected(name + "self_attn.k_proj.", normed, shape.KeyValueHeads * shape.HeadSize);
            values[t] = Projected(name + "self_attn.v_proj.", normed, shape.KeyValueHeads * shape.HeadSize);
            if (shape.HeadNorms)
            {
                queries[t] = NormHeads(name + "self_attn.q_norm.weight", queries[t]);
                keys[t] = NormHeads(name + "self_attn.k_norm.weight", keys[t]);
            }

            if (shape.KindOf(layer) != LayerKind.Unrotated)
            {
                Rotate(queries[t], t, layer);
                Rotate(keys[t], t, layer);
            }
        }

        var size = shape.HeadSize;
        var scale = shape.AttentionScale ?? 1 / Math.Sqrt(size);
        for (var t = states.Length - 1; t >= 0; t--)
        {
            var attended = new double[shape.Heads * size];
            var first = shape.KindOf(layer) == LayerKind.Sliding ? Math.Max(0, t + 1 - shape.SlidingWindow) : 0;
            for (var head = 0; head < shape.Heads; head++)
            {
                var shared = head / (shape.Heads / shape.KeyValueHeads) * size;
                var scores = new double[t + 1];
                Array.Fill(scores, double.NegativeInfinity);
                for (var s = first; s <= t; s++)
                {
                    var product = 0.0;
                    for (var i = 0; i < size; i++)
                    {
                        product += queries[t][(head * size) + i] * keys[s][shared + i];
                    }

                    scores[s] = shape.AttentionSoftcap == 0
                        ? product * scale
                        : shape.AttentionSoftcap * Math.Tanh(product * scale / shape.AttentionSoftcap);
                }

                var max = scores.Max();
                var exponentials = scores.Select(score => Math.Exp(score - max)).ToArray();
                var sum = exponentials.Sum();
                for (var s = 0; s <= t; s++)
                {
                    for (var i = 0; i < size; i++)
                    {
                        attended[(head * size) + i] += exponentials[s] / sum * values[s][shared + i];
                    }
                }
            }

            var added = Multiply(name + "self_attn.o_proj.weight", attended, shape.Hidden);
            Add(states[t], shape.BranchNorms ? Norm(name + "post_attention_layernorm.weight", added) : added);
        }
    }

    private double[] Projected(string name, double[] input, int width)
    {
        var output = Multiply(name + "weight", input, width);
        if (shape.QkvBias)
        {
            Add(output, [.. Load(name + "bias", width).Select(value => (double)value)]);
        }

        return output;
    }

    private void Rotate(double[] heads, int position, int layer)
    {
        var isLocal = shape.KindOf(layer) == LayerKind.Sliding && shape.SlidingRopeTheta is not null;
        var theta = isLocal ? shape.SlidingRopeTheta!.Value : shape.RopeTheta;
        var scaling = isLocal ? null : shape.RopeScaling;
        var width = (int)(shape.HeadSize * shape.RotaryFraction);
        var half = width / 2;
        for (var start = 0; start < heads.Length; start += shape.HeadSize)
        {
            for (var i = 0; i < half; i++)
            {
                var divisor = scaling switch
                {
                    { Kind: "longrope" } => (shape.ContextLength > scaling.OriginalContextLength ? scaling.LongFactors : scaling.ShortFactors)[i],
                    { Kind: "linear" } => scaling.Factor,
                    _ => 1,
                };
                var amplitude = scaling is { Kind: "longrope", Factor: > 1 }
                    ? Math.Sqrt(1 + (Math.Log(scaling.Factor) / Math.Log(scaling.OriginalContextLength))) : 1;
                var angle = position * Math.Pow(theta, -2.0 * i / width) / divisor;
                var (low, high) = (heads[start + i] * amplitude, heads[start + half + i] * amplitude);
                heads[start + i] = (low * Math.Cos(angle)) - (high * Math.Sin(angle));
                heads[start + half + i] = (high * Math.Cos(angle)) + (low * Math.Sin(angle));
            }
        }
    }

    private double[] NormHeads(string name, double[] heads)
        => [.. heads.Chunk(shape.HeadSize).SelectMany(head => Norm(name, head))];

    private double[] Norm(string name, double[] state)
    {
        var weight = Load(name, state.Length);
        var scale = 1 / Math.Sqrt(state.Average(value => value * value) + shape.NormEpsilon);
        return [.. state.Select((value, i) => value * scale * weight[i])];
    }

    private double[] Multiply(string name, double[] input, int width)
    {
        var matrix = Load(name, width * input.Length);
        var output = new double[width];
        for (var row = 0; row < width; row++)
        {
            var sum = 0.0;
            for (var i = 0; i < input.Length; i++)
            {
                sum += matrix[(row * input.Length) + i] * input[i];
            }

            output[row] = sum;
        }

        return output;
    }

    private static void Add(double[] target, double[] addend)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] += addend[i];
        }
    }

    private float[] Load(string name, int length)
    {
        if (!_loaded.TryGetValue(name, out var values))
        {
            values = new float[length];
            weights.Read(name, values);
            _loaded.Add(name, values);
        }

        return values;
    }
}
