using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;

namespace Cluster.Onnx.Tests.Building;

/// <summary>Writes a tiny Hugging Face folder: config.json and safetensors in F32, F16 or BF16, in one file or two.</summary>
internal static class HuggingFaceFolder
{
    public static void Write(string folder, ModelShape shape, IWeightSource weights, string type = "F32", int files = 1)
    {
        Directory.CreateDirectory(folder);
        ExportedFolder.WriteConfig(folder, shape);
        WriteWeights(folder, shape, weights, type, files);
    }

    /// <summary>Without config.json.</summary>
    public static void WriteWeights(string folder, ModelShape shape, IWeightSource weights, string type = "F32", int files = 1)
    {
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), "{}");
        var tensors = Tensors(shape).ToArray();
        for (var file = 0; file < files; file++)
        {
            var part = tensors.Where((_, i) => i % files == file);
            WriteFile(Path.Combine(folder, $"model-{file}.safetensors"), part, shape, weights, type);
        }
    }

    private static IEnumerable<(string Name, int[] Shape)> Tensors(ModelShape shape)
    {
        yield return ("model.embed_tokens.weight", [shape.Vocabulary, shape.Hidden]);
        yield return ("model.norm.weight", [shape.Hidden]);
        if (!shape.TiedEmbeddings)
        {
            yield return ("lm_head.weight", [shape.Vocabulary, shape.Hidden]);
        }

        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var name = $"model.layers.{layer}.";
            yield return (name + "input_layernorm.weight", [shape.Hidden]);
            yield return (name + "post_attention_layernorm.weight", [shape.Hidden]);
            if (shape.BranchNorms)
            {
                yield return (name + "pre_feedforward_layernorm.weight", [shape.Hidden]);
                yield return (name + "post_feedforward_layernorm.weight", [shape.Hidden]);
            }

            if (shape.HeadNorms)
            {
                yield return (name + "self_attn.q_norm.weight", [shape.HeadSize]);
                yield return (name + "self_attn.k_norm.weight", [shape.HeadSize]);
            }

            (string Kind, int Width)[] attention = [("q", shape.QueryWidth), ("k", shape.KeyValueWidth), ("v", shape.KeyValueWidth)];
            foreach (var (kind, width) in attention.Where(_ => !IsPacked(shape)))
            {
                yield return ($"{name}self_attn.{kind}_proj.weight", [width, shape.Hidden]);
                if (shape.QkvBias)
                {
                    yield return ($"{name}self_attn.{kind}_proj.bias", [width]);
                }
            }

            if (IsPacked(shape))
            {
                yield return (name + "self_attn.qkv_proj.weight", [shape.QueryWidth + (2 * shape.KeyValueWidth), shape.Hidden]);
                yield return (name + "mlp.gate_up_proj.weight", [2 * shape.Intermediate, shape.Hidden]);
            }
            else
            {
                yield return (name + "mlp.gate_proj.weight", [shape.Intermediate, shape.Hidden]);
                yield return (name + "mlp.up_proj.weight", [shape.Intermediate, shape.Hidden]);
            }

            yield return (name + "self_attn.o_proj.weight", [shape.Hidden, shape.QueryWidth]);
            yield return (name + "mlp.down_proj.weight", [shape.Hidden, shape.Intermediate]);
        }
    }

    private static bool IsPacked(ModelShape shape) => shape.Family == "phi3";

    /// <summary>The tensors that lie one below the other in a stored one, and their lengths.</summary>
    private static (string Name, int Length)[] Parts(string name, int length, ModelShape shape)
    {
        if (name.Contains("qkv_proj", StringComparison.Ordinal))
        {
            return
            [
                (name.Replace("qkv", "q", StringComparison.Ordinal), shape.QueryWidth * shape.Hidden),
                (name.Replace("qkv", "k", StringComparison.Ordinal), shape.KeyValueWidth * shape.Hidden),
                (name.Replace("qkv", "v", StringComparison.Ordinal), shape.KeyValueWidth * shape.Hidden),
            ];
        }

        return name.Contains("gate_up", StringComparison.Ordinal)
            ? [(name.Replace("gate_up", "gate", StringComparison.Ordinal), length / 2), (name.Replace("gate_up", "up", StringComparison.Ordinal), length / 2)]
            : [(name, length)];
    }

    private static void WriteFile(string path, IEnumerable<(string Name, int[] Shape)> tensors, ModelShape model, IWeightSource weights, string type)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        using var data = new MemoryStream();
        foreach (var (name, shape) in tensors)
        {
            var values = new float[shape.Aggregate(1, (product, length) => product * length)];
            var read = 0;
            foreach (var (part, length) in Parts(name, values.Length, model))
            {
                weights.Read(part, values.AsSpan(read, length));
                read += length;
            }

            var start = data.Position;
            foreach (var value in values)
            {
                data.Write(type switch
                {
                    "F32" => BitConverter.GetBytes(value),
                    "F16" => BitConverter.GetBytes(BitConverter.HalfToUInt16Bits((Half)value)),
                    _ => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)),
                });
            }

            header[name] = new JsonObject
            {
                ["dtype"] = type,
                ["shape"] = JsonSerializer.SerializeToNode(shape),
                ["data_offsets"] = new JsonArray(start, data.Position),
            };
        }

        using var file = File.Create(path);
        var text = JsonSerializer.SerializeToUtf8Bytes(header);
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, text.Length);
        file.Write(prefix);
        file.Write(text);
        data.WriteTo(file);
    }
}
