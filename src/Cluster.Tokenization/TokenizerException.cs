namespace Cluster.Tokenization;

/// <summary>What kind of trouble a tokenizer or a chat template is in.</summary>
public enum TokenizerError
{
    /// <summary>A file is absent or cannot be read.</summary>
    FileMissing,

    /// <summary>A file is not what it should be: broken JSON, a missing field, ids out of range.</summary>
    FileMalformed,

    /// <summary>A well-formed file asks for something that this reader does not do.</summary>
    Unsupported,

    /// <summary>The text to encode is longer than <see cref="TokenizerOptions.TextCharsMax"/>.</summary>
    TextTooLong,
}

/// <summary>A tokenizer could not be loaded, or refuses a text. The message names the file or the field.</summary>
public sealed class TokenizerException : Exception
{
    public TokenizerException(TokenizerError error, string message, Exception? inner = null) : base(message, inner) => Error = error;

    public TokenizerError Error { get; }

    internal static TokenizerException Unsupported(string what) => new(TokenizerError.Unsupported, "tokenizer: not supported: " + what);

    internal static TokenizerException Malformed(string what) => new(TokenizerError.FileMalformed, "tokenizer: " + what);
}
