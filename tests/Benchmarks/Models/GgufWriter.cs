using System.Runtime.InteropServices;
using System.Text;

namespace Cluster.Benchmarks.Models;

/// <summary>Number formats of tensors in a GGUF file, by their numbers there.</summary>
internal enum GgufType
{
    F32 = 0,
    Q4_0 = 2,
}

/// <summary>
/// Writes a GGUF version 3 file, little-endian: header, key-value pairs, tensor list, then the tensors, each aligned to 32 bytes.
/// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
/// </summary>
internal sealed class GgufWriter
{
    private const int Alignment = 32;
    private const uint TypeUInt32 = 4, TypeInt32 = 5, TypeFloat32 = 6, TypeBool = 7, TypeString = 8, TypeArray = 9;

    private readonly List<Action<BinaryWriter>> _pairs = [];
    private readonly List<(string Name, long[] Dimensions, GgufType Type, long Bytes, Action<Stream> Write)> _tensors = [];

    public void Add(string key, uint value) => AddPair(key, TypeUInt32, writer => writer.Write(value));

    public void Add(string key, float value) => AddPair(key, TypeFloat32, writer => writer.Write(value));

    public void Add(string key, bool value) => AddPair(key, TypeBool, writer => writer.Write(value));

    public void Add(string key, string value) => AddPair(key, TypeString, writer => WriteString(writer, value));

    public void Add(string key, IReadOnlyCollection<string> values) => AddPair(key, TypeArray, writer =>
    {
        writer.Write(TypeString);
        writer.Write((ulong)values.Count);
        foreach (string value in values) WriteString(writer, value);
    });

    public void Add(string key, int[] values) => AddPair(key, TypeArray, writer =>
    {
        writer.Write(TypeInt32);
        writer.Write((ulong)values.Length);
        writer.Write(MemoryMarshal.AsBytes<int>(values));
    });

    /// <param name="dimensions">Innermost first.</param>
    /// <param name="write">Called when the file is written; must write exactly the tensor's bytes.</param>
    public void AddTensor(string name, long[] dimensions, GgufType type, Action<Stream> write)
    {
        long values = dimensions.Aggregate(1L, (product, size) => product * size);
        _tensors.Add((name, dimensions, type, type == GgufType.F32 ? values * 4 : values / 32 * 18, write));
    }

    public void Save(string path)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        using var writer = new BinaryWriter(stream);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)_tensors.Count);
        writer.Write((ulong)_pairs.Count);
        foreach (var pair in _pairs) pair(writer);
        long offset = 0;
        foreach (var tensor in _tensors)
        {
            WriteString(writer, tensor.Name);
            writer.Write((uint)tensor.Dimensions.Length);
            foreach (long size in tensor.Dimensions) writer.Write((ulong)size);
            writer.Write((uint)tensor.Type);
            writer.Write((ulong)offset);
            offset += (tensor.Bytes + Alignment - 1) / Alignment * Alignment;
        }
        writer.Flush();
        foreach (var tensor in _tensors)
        {
            Align(stream);
            long start = stream.Position;
            tensor.Write(stream);
            if (stream.Position - start != tensor.Bytes) throw new InvalidOperationException($"{tensor.Name}: a wrong number of bytes");
        }
        Align(stream);
    }

    private void AddPair(string key, uint type, Action<BinaryWriter> write) => _pairs.Add(writer =>
    {
        WriteString(writer, key);
        writer.Write(type);
        write(writer);
    });

    private static void WriteString(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void Align(Stream stream)
    {
        while (stream.Position % Alignment != 0) stream.WriteByte(0);
    }
}
