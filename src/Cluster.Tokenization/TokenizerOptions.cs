using System.ComponentModel.DataAnnotations;

namespace Cluster.Tokenization;

/// <summary>Bounds on what a tokenizer takes in.</summary>
public sealed record TokenizerOptions
{
    public static TokenizerOptions Default { get; } = new();

    /// <summary>UTF-16 code units of one text that <see cref="ITokenizer.Encode"/> accepts. Default 8,388,608.</summary>
    /// <remarks>Lower it where prompts are known to be short; a longer text is refused before any work is done on it.</remarks>
    [Range(1, 1 << 30)]
    public int TextCharsMax { get; init; } = 1 << 23;

    /// <summary>Bytes of one file of a tokenizer folder. Default 268,435,456.</summary>
    /// <remarks>Raise it for a vocabulary of millions of words.</remarks>
    [Range(1, int.MaxValue)]
    public int FileBytesMax { get; init; } = 1 << 28;

    /// <summary>Ids of one vocabulary. Default 4,194,304.</summary>
    /// <remarks>Raise it together with <see cref="FileBytesMax"/>.</remarks>
    [Range(1, 1 << 26)]
    public int VocabularySizeMax { get; init; } = 1 << 22;
}
