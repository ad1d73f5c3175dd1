using System.Numerics.Tensors;
using Cluster.ModelBuilder;
using Cluster.ModelBuilder.Weights;

namespace Cluster.Benchmarks.Models;

/// <summary>
/// Weights that make a decoder say a given text: attention and feed-forward are computed like any others but add nothing, so what reaches the
/// head is the last token's embedding, and the head's row of each token is the sum of the embeddings of those that it follows in the text.
/// Where a token is followed by several, they tie; everything else is random.
/// </summary>
/// <param name="shape">With a head of its own.</param>
/// <param name="text">Tokens, the last of them an end of sequence.</param>
internal sealed class ChainedWeights(ModelShape shape, IReadOnlyList<int> text, ulong seed) : IWeightSource
{
    private const string Embedding = "model.embed_tokens.weight";
    private const string Head = "lm_head.weight";

    private readonly RandomWeights _random = new(shape, seed);

    public void Read(string name, Span<float> target)
    {
        if (name.EndsWith("o_proj.weight", StringComparison.Ordinal) || name.EndsWith("down_proj.weight", StringComparison.Ordinal))
        {
            target.Clear();
            return;
        }
        _random.Read(name, target);
        if (name == Head) WriteChain(target);
    }

    public void Dispose() => _random.Dispose();

    private void WriteChain(Span<float> head)
    {
        var embedding = new float[head.Length];
        _random.Read(Embedding, embedding);
        var pairs = new HashSet<(int, int)>();
        for (int i = 1; i < text.Count; i++)
        {
            if (!pairs.Add((text[i - 1], text[i]))) continue;
            Span<float> row = head.Slice(text[i] * shape.Hidden, shape.Hidden);
            TensorPrimitives.Add(row, embedding.AsSpan(text[i - 1] * shape.Hidden, shape.Hidden), row);
        }
    }
}
