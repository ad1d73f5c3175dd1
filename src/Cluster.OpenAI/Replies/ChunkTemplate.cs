using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Cluster.OpenAI.Replies;

/// <summary>A chunk that differs from the next in one string alone, written once: what stands before the string and after it, in UTF-8.</summary>
/// <remarks>A stream sends one chunk a token, so that writing the other two hundred bytes anew each time is most of what it costs.</remarks>
public sealed class ChunkTemplate
{
    /// <summary>Stands for the text; no member of a chunk holds it.</summary>
    private const string Place = "\u0001";

    private readonly byte[] _before;
    private readonly byte[] _after;

    /// <param name="write">Writes the chunk around the text that it is given.</param>
    public ChunkTemplate(Action<Utf8JsonWriter, string> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        buffer.Write("data: "u8);
        using (var json = new Utf8JsonWriter(buffer, JsonText.WriterOptions)) write(json, Place);
        buffer.Write("\n\n"u8);
        ReadOnlySpan<byte> place = "\\u0001"u8;
        int at = buffer.WrittenSpan.IndexOf(place);
        _before = buffer.WrittenSpan[..at].ToArray();
        _after = buffer.WrittenSpan[(at + place.Length)..].ToArray();
    }

    /// <summary>Writes one event; the text is escaped as everywhere.</summary>
    public void Write(IBufferWriter<byte> output, string text)
    {
        // A character is at most three bytes of UTF-8, an escape six.
        Span<byte> target = output.GetSpan(_before.Length + _after.Length + (6 * text.Length));
        _before.CopyTo(target);
        int length = _before.Length + Escape(text, target[_before.Length..]);
        _after.CopyTo(target[length..]);
        output.Advance(length + _after.Length);
    }

    private static int Escape(string text, Span<byte> target)
    {
        int length = Encoding.UTF8.GetBytes(text, target);
        if (JsonText.WriterOptions.Encoder!.FindFirstCharacterToEncodeUtf8(target[..length]) < 0) return length;
        JsonEncodedText escaped = JsonEncodedText.Encode(text, JsonText.WriterOptions.Encoder);
        escaped.EncodedUtf8Bytes.CopyTo(target);
        return escaped.EncodedUtf8Bytes.Length;
    }
}
