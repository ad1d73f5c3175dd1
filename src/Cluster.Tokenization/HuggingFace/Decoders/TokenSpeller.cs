using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Cluster.Tokenization.HuggingFace.Decoders;

/// <summary>
/// The decoder of tokenizer.json, seen as what each token spells: a text is the concatenation of its tokens' bytes, less the
/// <see cref="LeadingSpaces"/> at its very beginning.
/// </summary>
/// <remarks>
/// Every published decoder for text models has this shape, and masks need it: a grammar works on bytes per token. A decoder that
/// does not (CTC) is refused at loading instead of being right most of the time.
/// </remarks>
internal sealed class TokenSpeller
{
    private readonly List<Func<string, string>> _steps = [];
    private bool _bytes;
    private bool _byteFallback;
    private bool _fused;

    /// <param name="decoder">The "decoder" of tokenizer.json; null or JSON null where there is none.</param>
    public TokenSpeller(JsonElement? decoder)
    {
        if (decoder is { ValueKind: JsonValueKind.Object } config)
        {
            Read(config);
            return;
        }
        // Without a decoder tokens are words.
        _steps.Add(token => " " + token);
        LeadingSpaces = 1;
    }

    /// <summary>Spaces that the text loses at its beginning, where it has them.</summary>
    public int LeadingSpaces { get; private set; }

    public byte[] Spell(ReadOnlySpan<byte> form)
    {
        if (_bytes && _steps.Count == 0)
        {
            byte[] bytes = new byte[form.Length];
            return ByteLevelAlphabet.TryToBytes(form, bytes, out int written) ? bytes[..written] : form.ToArray();
        }
        if (_byteFallback && TryReadByte(form, out byte value)) return [value];
        string token = Encoding.UTF8.GetString(form);
        foreach (Func<string, string> step in _steps) token = step(token);
        byte[] spelled = Encoding.UTF8.GetBytes(token);
        if (!_bytes) return spelled;
        byte[] raw = new byte[spelled.Length];
        return ByteLevelAlphabet.TryToBytes(spelled, raw, out int length) ? raw[..length] : spelled;
    }

    private static bool TryReadByte(ReadOnlySpan<byte> form, out byte value)
    {
        value = 0;
        return form.Length == 6 && form.StartsWith("<0x"u8) && form[5] == '>'
            && byte.TryParse(form[3..5], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private void Read(JsonElement config)
    {
        switch (config.GetString("type"))
        {
            case "Sequence":
                foreach (JsonElement step in config.GetProperty("decoders").EnumerateArray()) Read(step);
                break;
            case "ByteLevel":
                _bytes = true;
                break;
            case "ByteFallback":
                _byteFallback = true;
                break;
            case "Fuse":
                _fused = true;
                break;
            case "Replace":
                Normalizers.Normalizer replace = NormalizerReader.ReadReplace(config);
                _steps.Add(replace.Apply);
                break;
            case "Metaspace":
                ReadMetaspace(config);
                break;
            case "WordPiece":
                ReadWordPiece(config);
                break;
            case "Strip":
                ReadStrip(config);
                break;
            case string other:
                throw TokenizerException.Unsupported("decoder " + other);
            default:
                throw TokenizerException.Malformed("a decoder without a type");
        }
    }

    private void ReadMetaspace(JsonElement config)
    {
        string replacement = config.GetString("replacement") ?? "\u2581";
        _steps.Add(token => token.Replace(replacement, " ", StringComparison.Ordinal));
        bool never = config.GetString("prepend_scheme") == "never" || config.GetBool("add_prefix_space", true) == false;
        if (!never) LeadingSpaces = 1;
    }

    private void ReadWordPiece(JsonElement config)
    {
        string prefix = config.GetString("prefix") ?? "##";
        bool cleanUp = config.GetBool("cleanup", true);
        _steps.Add(token =>
        {
            token = prefix.Length > 0 && token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : " " + token;
            return cleanUp ? CleanUp(token) : token;
        });
        LeadingSpaces = 1;
    }

    private void ReadStrip(JsonElement config)
    {
        string content = config.GetString("content") ?? " ";
        int start = config.GetInt("start", 0), stop = config.GetInt("stop", 0);
        if (content.Length != 1) throw TokenizerException.Malformed("the decoder Strip strips one character");
        if (!_fused)
        {
            _steps.Add(token => StripEnds(token, content[0], start, stop));
            return;
        }
        // After Fuse it is the whole text that is stripped. At its end that would need to know the future.
        if (stop > 0 || content != " ") throw TokenizerException.Unsupported("decoder Strip of the text's end, or of more than spaces");
        LeadingSpaces = start;
    }

    private static string StripEnds(string token, char content, int start, int stop)
    {
        int from = 0, to = token.Length;
        while (from < to && from < start && token[from] == content) from++;
        while (to > from && token.Length - to < stop && token[to - 1] == content) to--;
        return token[from..to];
    }

    /// <summary>English punctuation close to its word again.</summary>
    private static string CleanUp(string token) => new StringBuilder(token)
        .Replace(" .", ".").Replace(" ?", "?").Replace(" !", "!").Replace(" ,", ",").Replace(" ' ", "'")
        .Replace(" n't", "n't").Replace(" 'm", "'m").Replace(" do not", " don't").Replace(" 's", "'s").Replace(" 've", "'ve").Replace(" 're", "'re").ToString();
}
