using System.Runtime.InteropServices;
using System.Text;
using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;
using Cluster.Tokenization;

namespace Cluster.Benchmarks.Models;

/// <summary>
/// Writes a Qwen2 decoder for llama.cpp with matrices in Q4_0: blocks of 32 codes of four bits and one half-precision scale, the same codes
/// and scales as the ONNX side's int4 of block 32. The vocabulary keeps its ids; it has no merges, since the benchmark feeds ids.
/// </summary>
internal static class GgufModel
{
    private const int Block = 32;
    private const int NormalToken = 1, ControlToken = 3, UnusedToken = 5;

    public static void Write(string path, ModelShape shape, IWeightSource weights, ITokenizer tokenizer, int contextLength)
    {
        var file = new GgufWriter();
        AddShape(file, shape, contextLength);
        AddVocabulary(file, shape, tokenizer.Vocabulary);
        AddMatrix("token_embd.weight", "model.embed_tokens.weight", shape.Vocabulary, shape.Hidden);
        AddVector("output_norm.weight", "model.norm.weight", shape.Hidden);
        if (!shape.TiedEmbeddings) AddMatrix("output.weight", "lm_head.weight", shape.Vocabulary, shape.Hidden);
        for (int layer = 0; layer < shape.Layers; layer++) AddLayer($"blk.{layer}.", $"model.layers.{layer}.");
        file.Save(path);

        void AddLayer(string target, string source)
        {
            AddVector(target + "attn_norm.weight", source + "input_layernorm.weight", shape.Hidden);
            AddProjection("attn_q", "q_proj", shape.QueryWidth);
            AddProjection("attn_k", "k_proj", shape.KeyValueWidth);
            AddProjection("attn_v", "v_proj", shape.KeyValueWidth);
            AddMatrix(target + "attn_output.weight", source + "self_attn.o_proj.weight", shape.Hidden, shape.QueryWidth);
            AddVector(target + "ffn_norm.weight", source + "post_attention_layernorm.weight", shape.Hidden);
            AddMatrix(target + "ffn_gate.weight", source + "mlp.gate_proj.weight", shape.Intermediate, shape.Hidden);
            AddMatrix(target + "ffn_up.weight", source + "mlp.up_proj.weight", shape.Intermediate, shape.Hidden);
            AddMatrix(target + "ffn_down.weight", source + "mlp.down_proj.weight", shape.Hidden, shape.Intermediate);

            void AddProjection(string to, string from, int rows)
            {
                AddMatrix($"{target}{to}.weight", $"{source}self_attn.{from}.weight", rows, shape.Hidden);
                AddVector($"{target}{to}.bias", $"{source}self_attn.{from}.bias", rows);
            }
        }

        void AddVector(string name, string source, int length) => file.AddTensor(name, [length], GgufType.F32, stream =>
        {
            var values = new float[length];
            weights.Read(source, values);
            stream.Write(MemoryMarshal.AsBytes<float>(values));
        });

        void AddMatrix(string name, string source, int rows, int width) => file.AddTensor(name, [width, rows], GgufType.Q4_0, stream =>
        {
            var values = new float[rows * width];
            weights.Read(source, values);
            WriteBlocks(stream, values);
        });
    }

    private static void AddShape(GgufWriter file, ModelShape shape, int contextLength)
    {
        file.Add("general.architecture", "qwen2");
        file.Add("general.name", "benchmark");
        file.Add("general.file_type", (uint)GgufType.Q4_0);
        file.Add("qwen2.block_count", (uint)shape.Layers);
        file.Add("qwen2.context_length", (uint)contextLength);
        file.Add("qwen2.embedding_length", (uint)shape.Hidden);
        file.Add("qwen2.feed_forward_length", (uint)shape.Intermediate);
        file.Add("qwen2.attention.head_count", (uint)shape.Heads);
        file.Add("qwen2.attention.head_count_kv", (uint)shape.KeyValueHeads);
        file.Add("qwen2.attention.layer_norm_rms_epsilon", shape.NormEpsilon);
        file.Add("qwen2.rope.freq_base", (float)shape.RopeTheta);
    }

    private static void AddVocabulary(GgufWriter file, ModelShape shape, Vocabulary vocabulary)
    {
        var tokens = new string[shape.Vocabulary];
        var kinds = new int[shape.Vocabulary];
        for (int id = 0; id < tokens.Length; id++)
        {
            ReadOnlySpan<byte> bytes = id < vocabulary.Size ? vocabulary.BytesOf(id) : [];
            bool isSpecial = id < vocabulary.Size && vocabulary.IsSpecial(id);
            kinds[id] = isSpecial ? ControlToken : bytes.IsEmpty ? UnusedToken : NormalToken;
            tokens[id] = isSpecial ? Encoding.UTF8.GetString(bytes) : bytes.IsEmpty ? $"[PAD{id}]" : ByteLevel(bytes);
        }
        file.Add("tokenizer.ggml.model", "gpt2");
        file.Add("tokenizer.ggml.pre", "qwen2");
        file.Add("tokenizer.ggml.tokens", tokens);
        file.Add("tokenizer.ggml.token_type", kinds);
        file.Add("tokenizer.ggml.merges", ["a b"]);
        file.Add("tokenizer.ggml.eos_token_id", (uint)vocabulary.EndIds[0]);
        file.Add("tokenizer.ggml.add_bos_token", false);
    }

    /// <summary>Each byte as the printable character that stands for it in byte-level vocabularies.</summary>
    private static string ByteLevel(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (byte value in bytes)
        {
            bool isPrintable = value is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174;
            int moved = value <= 32 ? 256 + value : value <= 160 ? 256 + 33 + value - 127 : 256 + 67;
            text.Append((char)(isPrintable ? value : moved));
        }
        return text.ToString();
    }

    /// <summary>Per block: its scale, then sixteen bytes, the first half of its values in their low nibbles and the second in the
    /// high ones.</summary>
    private static void WriteBlocks(Stream stream, float[] values)
    {
        float[] scales = BlockQuantizer.Scales(values, 4, Block);
        byte[] codes = BlockQuantizer.Codes(values, 4, Block);
        Span<byte> block = stackalloc byte[18];
        for (int i = 0; i < scales.Length; i++)
        {
            BitConverter.TryWriteBytes(block, (Half)scales[i]);
            for (int k = 0; k < 16; k++) block[2 + k] = (byte)(Code(i * Block + k) | Code(i * Block + 16 + k) << 4);
            stream.Write(block);
        }

        int Code(int index) => codes[index / 2] >> (index % 2 * 4) & 15;
    }
}
