using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Cluster.Tokenization.HuggingFace.Normalizers;

/// <summary>
/// SentencePiece's own normalization table: a double-array trie from character sequences to replacements, as the file carries it.
/// </summary>
internal sealed class Precompiled : Normalizer
{
    /// <summary>Grapheme clusters of more bytes are replaced character by character.</summary>
    private const int ClusterBytesMax = 5;

    private readonly uint[] _trie;
    private readonly byte[] _replacements;

    private readonly bool _isLongest;

    private Precompiled(uint[] trie, byte[] replacements, bool isLongest)
    {
        _trie = trie;
        _replacements = replacements;
        _isLongest = isLongest;
    }

    public static Precompiled Read(string base64)
    {
        byte[] data;
        try
        {
            data = Convert.FromBase64String(base64);
        }
        catch (FormatException e)
        {
            throw new TokenizerException(TokenizerError.FileMalformed, "tokenizer: precompiled_charsmap is not base64", e);
        }
        return Read(data, isLongest: false);
    }

    /// <param name="isLongest">True replaces the longest key at each place, as SentencePiece does; false goes by grapheme clusters, as
    /// Hugging Face does.</param>
    public static Precompiled Read(byte[] data, bool isLongest)
    {
        uint size = data.Length < 4 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(data);
        if (size > data.Length - 4 || size % 4 != 0 || (size == 0 && data.Length > 0)) throw TokenizerException.Malformed("precompiled_charsmap is cut short");
        var trie = new uint[size / 4];
        for (int i = 0; i < trie.Length; i++) trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(4 + 4 * i));
        return new Precompiled(trie, data.Length == 0 ? [] : data[(4 + (int)size)..], isLongest);
    }

    public override string Apply(string text)
    {
        if (_trie.Length == 0) return text;
        if (_isLongest) return ReplaceLongest(Encoding.UTF8.GetBytes(text));
        var result = new StringBuilder(text.Length);
        Span<byte> bytes = stackalloc byte[ClusterBytesMax + 3];
        Span<char> pair = stackalloc char[2];
        for (int i = 0; i < text.Length;)
        {
            ReadOnlySpan<char> cluster = text.AsSpan(i, StringInfo.GetNextTextElementLength(text, i));
            i += cluster.Length;
            if (Encoding.UTF8.GetByteCount(cluster) <= ClusterBytesMax && TryReplace(cluster, bytes, result)) continue;
            foreach (Rune rune in cluster.EnumerateRunes())
            {
                ReadOnlySpan<char> chars = pair[..rune.EncodeToUtf16(pair)];
                if (!TryReplace(chars, bytes, result)) result.Append(chars);
            }
        }
        return result.ToString();
    }

    private string ReplaceLongest(ReadOnlySpan<byte> text)
    {
        var result = new List<byte>(text.Length + 16);
        while (!text.IsEmpty)
        {
            int length = FindLongest(text, out int place);
            if (length > 0 && place < _replacements.Length)
            {
                ReadOnlySpan<byte> rest = _replacements.AsSpan(place);
                int end = rest.IndexOf((byte)0);
                result.AddRange(end < 0 ? rest : rest[..end]);
            }
            else
            {
                length = Models.BytePairModel.Utf8LengthAt(text, 0);
                result.AddRange(text[..length]);
            }
            text = text[length..];
        }
        return Encoding.UTF8.GetString([.. result]);
    }

    /// <returns>Length of the longest key that <paramref name="text"/> begins with, 0 for none.</returns>
    private int FindLongest(ReadOnlySpan<byte> text, out int place)
    {
        int longest = 0;
        place = -1;
        uint node = Offset(_trie[0]);
        for (int i = 0; i < text.Length; i++)
        {
            node ^= text[i];
            if (text[i] == 0 || node >= _trie.Length || (_trie[node] & 0x8000_00FF) != text[i]) break;
            uint unit = _trie[node];
            node ^= Offset(unit);
            if (((unit >> 8) & 1) == 0 || node >= _trie.Length) continue;
            longest = i + 1;
            place = (int)(_trie[node] & 0x7FFF_FFFF);
        }
        return longest;
    }

    private bool TryReplace(ReadOnlySpan<char> chars, Span<byte> bytes, StringBuilder result)
    {
        int place = Find(bytes[..Encoding.UTF8.GetBytes(chars, bytes)]);
        if (place < 0 || place >= _replacements.Length) return false;
        int length = _replacements.AsSpan(place).IndexOf((byte)0);
        result.Append(Encoding.UTF8.GetString(_replacements, place, length < 0 ? _replacements.Length - place : length));
        return true;
    }

    /// <summary>The value of the shortest key that <paramref name="key"/> begins with, or -1.</summary>
    private int Find(ReadOnlySpan<byte> key)
    {
        uint node = Offset(_trie[0]);
        foreach (byte value in key)
        {
            node ^= value;
            if (value == 0 || node >= _trie.Length || (_trie[node] & 0x8000_00FF) != value) return -1;
            uint unit = _trie[node];
            node ^= Offset(unit);
            if (((unit >> 8) & 1) != 0) return node < _trie.Length ? (int)(_trie[node] & 0x7FFF_FFFF) : -1;
        }
        return -1;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & (1 << 9)) >> 6);
}
