using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Cluster.Tokenization.HuggingFace.Models;
using Cluster.Tokenization.HuggingFace.Normalizers;
using Cluster.Tokenization.HuggingFace.PreTokenizers;

namespace Cluster.Tokenization.HuggingFace;

/// <summary>
/// The tokenizer that a tokenizer.json describes, id for id.
/// </summary>
/// <remarks>
/// Encode:
/// 1. Cut out added tokens that stand in the text as it is.
/// 2. Normalize what lies between.
/// 3. Cut out added tokens that stand in the normalized text.
/// 4. Pre-tokenize the rest into pieces.
/// 5. Each piece to ids by the model.
/// Immutable and free of locks; scratch space is per call.
/// </remarks>
public sealed class HuggingFaceTokenizer : ITokenizer
{
    private readonly TokenizerParts _parts;
    private readonly TokenizerOptions _options;

    internal HuggingFaceTokenizer(TokenizerParts parts, Vocabulary vocabulary, TokenizerOptions options)
    {
        _parts = parts;
        _options = options;
        Vocabulary = vocabulary;
    }

    public Vocabulary Vocabulary { get; }

    public int LeadingSpacesDropped => _parts.LeadingSpaces;

    /// <summary>Opens the folder's tokenizer.json with what the files beside it say. See <see cref="TokenizerFolder"/>.</summary>
    public static HuggingFaceTokenizer Load(string folder, TokenizerOptions? options = null) => new TokenizerFolder(folder, options).LoadTokenizer();

    /// <summary>Opens a tokenizer.json held in memory.</summary>
    /// <param name="endTokens">Contents of the tokens that end a sequence, where the caller knows them.</param>
    public static HuggingFaceTokenizer Parse(ReadOnlyMemory<byte> tokenizerJson, IReadOnlyList<string> endTokens, TokenizerOptions? options = null)
    {
        TokenizerParts parts = new TokenizerBuilder(options ?? TokenizerOptions.Default).Build(tokenizerJson);
        return parts.ToTokenizer([.. endTokens.Select(parts.RequireId)], sizeMin: 0);
    }

    /// <summary>Id of a token by its content, or -1.</summary>
    public int IdOf(string token) => _parts.IdOf(token);

    public int[] Encode(string text, bool parseSpecial) => [.. CollectionsMarshal.AsSpan(EncodeList(text, parseSpecial))];

    /// <summary>Ids with the special tokens around them that the model's training used (begin of sequence, [CLS], …): for bare text without a chat template.</summary>
    public int[] EncodeWithMarkers(string text, bool parseSpecial) =>
        [.. _parts.Markers.Before, .. CollectionsMarshal.AsSpan(EncodeList(text, parseSpecial)), .. _parts.Markers.After];

    public string Decode(ReadOnlySpan<int> ids)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Math.Max(ids.Length * 8, 64));
        int count = 0;
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)Vocabulary.Size || Vocabulary.IsSpecial(id)) continue;
            ReadOnlySpan<byte> spelling = Vocabulary.BytesOf(id);
            if (count + spelling.Length > bytes.Length)
            {
                byte[] larger = ArrayPool<byte>.Shared.Rent((count + spelling.Length) * 2);
                bytes.AsSpan(0, count).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(bytes);
                bytes = larger;
            }
            spelling.CopyTo(bytes.AsSpan(count));
            count += spelling.Length;
        }
        int start = 0;
        while (start < _parts.LeadingSpaces && start < count && bytes[start] == ' ') start++;
        string text = Encoding.UTF8.GetString(bytes, start, count - start);
        ArrayPool<byte>.Shared.Return(bytes);
        return text;
    }

    private List<int> EncodeList(string text, bool parseSpecial)
    {
        if (text.Length > _options.TextCharsMax)
        {
            throw new TokenizerException(TokenizerError.TextTooLong, $"text of {text.Length} characters; the limit is {_options.TextCharsMax} (TokenizerOptions.TextCharsMax)");
        }
        text = ReplaceLoneSurrogates(text);
        var scratch = new Scratch(new List<int>(text.Length / 3 + 8));
        // 1. Added tokens in the text as it is.
        AddedTokenMatcher? matcher = parseSpecial ? _parts.RawTokens : _parts.RawPlainTokens;
        int done = 0;
        for (int from = 0; matcher?.Find(text, from, done, out int start, out int end) is { } token; from = end)
        {
            EncodeSection(text[done..start], atTextStart: done == 0, parseSpecial, scratch);
            scratch.Ids.Add(token.Id);
            done = end;
        }
        EncodeSection(done == 0 ? text : text[done..], atTextStart: done == 0, parseSpecial, scratch);
        scratch.Release();
        return scratch.Ids;
    }

    private void EncodeSection(string section, bool atTextStart, bool parseSpecial, Scratch scratch)
    {
        if (section.Length == 0) return;
        // 2. Normalize.
        string text = _parts.Normalizer?.Apply(section) ?? section;
        // 3. Added tokens in the normalized text.
        AddedTokenMatcher? matcher = parseSpecial ? _parts.NormalizedTokens : _parts.NormalizedPlainTokens;
        int done = 0;
        for (int from = 0; matcher?.Find(text, from, done, out int start, out int end) is { } token; from = end)
        {
            EncodeFree(text[done..start], atTextStart && done == 0, scratch);
            scratch.Ids.Add(token.Id);
            done = end;
        }
        EncodeFree(done == 0 ? text : text[done..], atTextStart && done == 0, scratch);
    }

    private void EncodeFree(string text, bool atTextStart, Scratch scratch)
    {
        if (text.Length == 0) return;
        // 4. Pieces.
        scratch.Pieces.Reset(text, atTextStart);
        _parts.PreTokenizer?.Apply(scratch.Pieces);
        // 5. Ids.
        text = scratch.Pieces.Text;
        foreach ((int start, int length) in scratch.Pieces.Pieces)
        {
            ReadOnlySpan<char> piece = text.AsSpan(start, length);
            Span<byte> utf8 = scratch.Utf8Of(length);
            _parts.Model.Encode(utf8[..Encoding.UTF8.GetBytes(piece, utf8)], scratch.Ids);
        }
    }

    /// <summary>UTF-8 cannot say them; what every UTF-8 encoder writes instead takes their place before anything looks at the text.</summary>
    private static string ReplaceLoneSurrogates(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) return text;
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
    }

    private sealed class Scratch(List<int> ids)
    {
        private byte[] _utf8 = ArrayPool<byte>.Shared.Rent(1024);

        public List<int> Ids { get; } = ids;

        public PieceList Pieces { get; } = new();

        public Span<byte> Utf8Of(int chars)
        {
            if (_utf8.Length < chars * 3)
            {
                Release();
                _utf8 = ArrayPool<byte>.Shared.Rent(chars * 3);
            }
            return _utf8;
        }

        public void Release() => ArrayPool<byte>.Shared.Return(_utf8);
    }
}
