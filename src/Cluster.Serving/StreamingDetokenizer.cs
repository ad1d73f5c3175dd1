using System.Buffers;
using System.Text;
using Cluster.Tokenization;

namespace Cluster.Serving;

/// <summary>
/// Tokens to text, one by one, in whole characters: bytes of a character that is not complete wait for the next token.
/// </summary>
/// <remarks>
/// The concatenation of everything pushed and the flush equals <see cref="ITokenizer.Decode"/> of all ids, wherever tokens cut characters.
/// State of one choice; not shared. To continue a sequence elsewhere, push its journal's tokens again.
/// </remarks>
public sealed class StreamingDetokenizer(ITokenizer tokenizer)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private int _leadingSpaces = tokenizer.LeadingSpacesDropped;

    /// <summary>The characters that <paramref name="token"/> completes; empty for special tokens and for parts of characters.</summary>
    public string Push(int token)
    {
        Vocabulary vocabulary = tokenizer.Vocabulary;
        if ((uint)token >= (uint)vocabulary.Size || vocabulary.IsSpecial(token)) return "";
        ReadOnlySpan<byte> bytes = vocabulary.BytesOf(token);
        while (_leadingSpaces > 0 && bytes.Length > 0)
        {
            if (bytes[0] == ' ')
            {
                bytes = bytes[1..];
                _leadingSpaces--;
            }
            else
            {
                _leadingSpaces = 0;
            }
        }
        return Decode(bytes, flush: false);
    }

    /// <summary>What is left at the end: U+FFFD where a character never became whole, nothing otherwise.</summary>
    public string Flush() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        // At most one character per byte, and what an abandoned beginning becomes.
        char[]? rented = null;
        Span<char> chars = bytes.Length <= 60 ? stackalloc char[64] : (rented = ArrayPool<char>.Shared.Rent(bytes.Length + 4));
        int count = _decoder.GetChars(bytes, chars, flush);
        string text = count == 0 ? "" : new string(chars[..count]);
        if (rented is not null) ArrayPool<char>.Shared.Return(rented);
        return text;
    }
}
