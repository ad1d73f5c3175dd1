using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;

namespace Cluster.Onnx.Tests;

/// <summary>A tiny random model in a folder of its own, and what it should answer.</summary>
public sealed class TinyModel : IDisposable
{
    public const ulong Seed = 7;

    public TinyModel(ModelShape? shape = null, Func<BuildOptions, BuildOptions>? change = null)
    {
        Shape = shape ?? Default;
        Folder = Directory.CreateTempSubdirectory("cluster-tiny-").FullName;
        var options = new BuildOptions { Folder = Folder };
        using var weights = new RandomWeights(Shape, Seed);
        ModelFolderBuilder.Write(Shape, weights, change is null ? options : change(options));
        Reference = new ReferenceDecoder(Shape, new RandomWeights(Shape, Seed));
    }

    /// <summary>Llama-like: four heads over two key-value heads, tied head.</summary>
    public static ModelShape Default { get; } = ModelShape.Known["tiny"];

    /// <summary>Qwen2-like: biases on query, key and value; a head of its own; a head size that is not hidden / heads.</summary>
    public static ModelShape QwenLike { get; } =
        Default with { Family = "qwen2", QkvBias = true, TiedEmbeddings = false, HeadSize = 32, RopeTheta = 1_000_000 };

    public ModelShape Shape { get; }

    public string Folder { get; }

    public ReferenceDecoder Reference { get; }

    public static int[] Tokens(int count, int seed) =>
        [.. Enumerable.Range(0, count).Select(i => (((i + 1) * 7919 * (seed + 3)) ^ (i * 31)) % 320 & 255)];

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
