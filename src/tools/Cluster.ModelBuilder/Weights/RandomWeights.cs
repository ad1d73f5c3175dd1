namespace Cluster.ModelBuilder.Weights;

/// <summary>
/// Seeded weights for measuring speed and for tests: each tensor depends only on seed and name, so every layout of the same seed is the
/// same
/// model. Uniform, scaled by the fan-in so that activations stay of order one; norms are near one.
/// </summary>
public sealed class RandomWeights(ModelShape shape, ulong seed) : IWeightSource
{
    public void Read(string name, Span<float> target)
    {
        var norm = name.EndsWith("norm.weight", StringComparison.Ordinal);
        var fanIn = name.Contains("down_proj", StringComparison.Ordinal) ? shape.Intermediate
            : name.Contains("o_proj", StringComparison.Ordinal) ? shape.QueryWidth
            : shape.Hidden;
        var scale = norm ? 0.1f : MathF.Sqrt(3f / fanIn);
        var offset = norm ? 1f : 0f;
        var state = seed ^ NameHash(name);
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = offset + scale * ((Next(ref state) >> 40) * (2f / (1 << 24)) - 1f);
        }
    }

    public void Dispose()
    {
    }

    private static ulong NameHash(string name)
    {
        var hash = 14695981039346656037UL;
        foreach (var character in name)
        {
            hash = (hash ^ character) * 1099511628211UL;
        }

        return hash;
    }

    /// <summary>SplitMix64.</summary>
    private static ulong Next(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
