namespace Cluster.Tokenization;

/// <summary>Text to token ids and back, exactly as the model was trained.</summary>
public interface ITokenizer
{
    /// <summary>Spelling of every id.</summary>
    Vocabulary Vocabulary { get; }

    /// <summary>Token ids of <paramref name="text"/>.</summary>
    /// <param name="text">Any UTF-16 text; unpaired surrogates become U+FFFD.</param>
    /// <param name="parseSpecial">True for text that the server made (a rendered chat template), in which special tokens are
    /// recognised; false for text of a caller, in which they are ordinary characters.</param>
    int[] Encode(string text, bool parseSpecial);

    /// <summary>Text of the ids; special tokens spell nothing, broken UTF-8 becomes U+FFFD.</summary>
    string Decode(ReadOnlySpan<int> ids);

    /// <summary>Spaces at the very beginning of a decoded text that are not part of it: some vocabularies spell every word with one before it.</summary>
    int LeadingSpacesDropped => 0;
}
