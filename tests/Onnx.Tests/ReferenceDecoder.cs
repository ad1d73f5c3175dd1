using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;

namespace Cluster.Onnx.Tests;

/// <summary>
/// A Llama decoder in plain loops and double precision, written from the definition and not from the builder: rotate-half positions,
/// grouped
/// attention, RMS norms, gated feed-forward. Slow and obvious; every layout must agree with it.
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
            states[t] = [.. embedding.AsSpan(tokens[t] * shape.Hidden, shape.Hidden).ToArray().Select(value => (double)value)];
        }

        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var name = $"model.layers.{layer}.";
            Attention(name, states);
            foreach (var state in states)
            {
                var normed = Norm(name + "post_attention_layernorm.weight", state);
                var gate = Multiply(name + "mlp.gate_proj.weight", normed, shape.Intermediate);
                var up = Multiply(name + "mlp.up_proj.weight", normed, shape.Intermediate);
                var gated = gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u).ToArray();
                Add(state, Multiply(name + "mlp.down_proj.weight", gated, shape.Hidden));
            }
        }

        var head = shape.TiedEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight";
        return [.. states.Select(state => Multiply(head, Norm("model.norm.weight", state), shape.Vocabulary))];
    }

    private void Attention(string name, double[][] states)
    {
        var (queries, keys, values) = (new double[states.Length][], new double[states.Length][], new double[states.Length][]);
        for (var t = 0; t < states.Length; t++)
        {
            var normed = Norm(name + "input_layernorm.weight", states[t]);
            queries[t] = Projected(name + "self_attn.q_proj.", normed, shape.Heads * shape.HeadSize);
            keys[t] = Projected(name + "self_attn.k_proj.", normed, shape.KeyValueHeads * shape.HeadSize);
            values[t] = Projected(name + "self_attn.v_proj.", normed, shape.KeyValueHeads * shape.HeadSize);
            Rotate(queries[t], t);
            Rotate(keys[t], t);
        }

        var size = shape.HeadSize;
        for (var t = states.Length - 1; t >= 0; t--)
        {
            var attended = new double[shape.Heads * size];
            for (var head = 0; head < shape.Heads; head++)
            {
                var shared = head / (shape.Heads / shape.KeyValueHeads) * size;
                var scores = new double[t + 1];
                for (var s = 0; s <= t; s++)
                {
                    for (var i = 0; i < size; i++)
                    {
                        scores[s] += queries[t][(head * size) + i] * keys[s][shared + i];
                    }
                }

                var max = scores.Max();
                var exponentials = scores.Select(score => Math.Exp((score - max) / Math.Sqrt(size))).ToArray();
                var sum = exponentials.Sum();
                for (var s = 0; s <= t; s++)
                {
                    for (var i = 0; i < size; i++)
                    {
                        attended[(head * size) + i] += exponentials[s] / sum * values[s][shared + i];
                    }
                }
            }

            Add(states[t], Multiply(name + "self_attn.o_proj.weight", attended, shape.Hidden));
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

    private void Rotate(double[] heads, int position)
    {
        var half = shape.HeadSize / 2;
        for (var start = 0; start < heads.Length; start += shape.HeadSize)
        {
            for (var i = 0; i < half; i++)
            {
                var angle = position * Math.Pow(shape.RopeTheta, -2.0 * i / shape.HeadSize);
                var (low, high) = (heads[start + i], heads[start + half + i]);
                heads[start + i] = (low * Math.Cos(angle)) - (high * Math.Sin(angle));
                heads[start + half + i] = (high * Math.Cos(angle)) + (low * Math.Sin(angle));
            }
        }
    }

    private double[] Norm(string name, double[] state)
    {
        var weight = Load(name, shape.Hidden);
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
