using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Cluster.ModelBuilder.Weights;

/// <summary>
/// All <c>*.safetensors</c> files of a folder, as one set of tensors: 8 bytes of header length, a JSON header of
/// <c>{name: {dtype, shape, data_offsets}}</c>, then the data. F32, F16 and BF16.
/// </summary>
public sealed class SafeTensors : IWeightSource
{
    private const int HeaderBytesMax = 100 << 20;

    private readonly Dictionary<string, Entry> _entries = [];
    private readonly List<SafeFileHandle> _files = [];

    public SafeTensors(string folder)
    {
        var paths = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.safetensors") : [];
        if (paths.Length == 0)
        {
            throw new ModelBuildException($"{folder} has no *.safetensors file");
        }

        try
        {
            foreach (var path in paths)
            {
                Open(path);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Read(string name, Span<float> target)
    {
        if (!_entries.TryGetValue(name, out var entry))
        {
            throw new ModelBuildException($"tensor {name} is missing from the safetensors files");
        }

        var size = entry.Type == "F32" ? 4 : 2;
        if (entry.BytesCount != (long)target.Length * size)
        {
            throw new ModelBuildException($"tensor {name}: {entry.BytesCount / size} values, the configuration asks for {target.Length}");
        }

        if (entry.Type == "F32")
        {
            ReadExactly(name, entry, MemoryMarshal.AsBytes(target), 0);
            return;
        }

        var chunk = new ushort[1 << 16];
        for (var start = 0; start < target.Length; start += chunk.Length)
        {
            var part = chunk.AsSpan(0, Math.Min(chunk.Length, target.Length - start));
            ReadExactly(name, entry, MemoryMarshal.AsBytes(part), start * 2L);
            for (var i = 0; i < part.Length; i++)
            {
                target[start + i] = entry.Type == "F16"
                    ? (float)BitConverter.UInt16BitsToHalf(part[i])
                    : BitConverter.UInt32BitsToSingle((uint)part[i] << 16);
            }
        }
    }

    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }

    private static void ReadExactly(string name, Entry entry, Span<byte> target, long offset)
    {
        while (target.Length > 0)
        {
            var count = RandomAccess.Read(entry.File, target, entry.Start + offset);
            if (count == 0)
            {
                throw new ModelBuildException($"tensor {name}: its file is truncated");
            }

            target = target[count..];
            offset += count;
        }
    }

    private void Open(string path)
    {
        var file = File.OpenHandle(path);
        _files.Add(file);
        Span<byte> prefix = stackalloc byte[8];
        var headerBytes = RandomAccess.Read(file, prefix, 0) == 8 ? BinaryPrimitives.ReadInt64LittleEndian(prefix) : -1;
        if (headerBytes is < 2 or > HeaderBytesMax || headerBytes > RandomAccess.GetLength(file) - 8)
        {
            throw new ModelBuildException($"{path} is not a safetensors file");
        }

        var header = new byte[headerBytes];
        RandomAccess.Read(file, header, 8);
        using var document = JsonDocument.Parse(header);
        foreach (var tensor in document.RootElement.EnumerateObject().Where(tensor => tensor.Name != "__metadata__"))
        {
            var type = tensor.Value.GetProperty("dtype").GetString()!;
            if (type is not ("F32" or "F16" or "BF16"))
            {
                throw new ModelBuildException($"{path}: tensor {tensor.Name} has type {type}; F32, F16 and BF16 are supported");
            }

            var offsets = tensor.Value.GetProperty("data_offsets");
            var (start, end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
            _entries[tensor.Name] = new Entry(file, type, 8 + headerBytes + start, end - start);
        }
    }

    private sealed record Entry(SafeFileHandle File, string Type, long Start, long BytesCount);
}
