namespace Cluster.Tokenization.HuggingFace.Models;

/// <summary>Turns one pre-token into ids. Immutable; shared between threads.</summary>
internal abstract class TokenModel(TokenTable table)
{
    /// <summary>How the vocabulary spells its tokens: UTF-8, or bytes where <see cref="TakesBytes"/>.</summary>
    public TokenTable Table { get; } = table;

    /// <summary>The pieces are the text's own bytes, and the table holds bytes: the byte-level alphabet was undone at loading.</summary>
    public virtual bool TakesBytes => false;

    /// <summary>Appends the ids of <paramref name="piece"/>, which is UTF-8 and not empty.</summary>
    public abstract void Encode(ReadOnlySpan<byte> piece, List<int> ids);
}
