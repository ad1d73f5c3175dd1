using System.Security.Cryptography;
using Cluster.Onnx.Folders;

namespace Cluster.Onnx;

/// <summary>Identity of a model: SHA-256 over its graph, its external data and the JSON that says how to drive it.</summary>
public static class ModelFingerprint
{
    /// <param name="layout">The model's files.</param>
    /// <param name="read">Hears how many bytes were read, each time some were.</param>
    public static string Compute(DecoderLayout layout, Action<long>? read = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var folder = Path.GetDirectoryName(layout.GraphPath)!;
        var graph = GraphSummary.Read(layout.GraphPath);
        var names = graph.External.Select(data => data.Location).Distinct().Order(StringComparer.Ordinal);
        var paths = names.Select(name => Path.Combine(folder, name));
        var buffer = new byte[1 << 20];
        foreach (var path in paths.Prepend(layout.GraphPath))
        {
            using var file = File.OpenRead(path);
            for (var count = file.Read(buffer); count > 0; count = file.Read(buffer))
            {
                hash.AppendData(buffer, 0, count);
                read?.Invoke(count);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
