namespace Cluster.Tokenization;

/// <summary>What the tokens of one vocabulary spell, in bytes. Immutable.</summary>
/// <remarks>
/// Apart from <see cref="Vocabulary"/> so that what process-wide caches hold can spell tokens without holding the vocabulary: everything that
/// was made for a vocabulary is kept by it alone and goes with it, when its model was replaced.
/// </remarks>
public sealed class TokenTexts
{
    private readonly byte[][] _bytes;

    internal TokenTexts(byte[][] bytes) => _bytes = bytes;

    /// <summary>Number of ids, unused ones included.</summary>
    public int Count => _bytes.Length;

    /// <summary>The bytes that token <paramref name="id"/> spells; empty for unused ids.</summary>
    public ReadOnlySpan<byte> this[int id] => _bytes[id];
}
