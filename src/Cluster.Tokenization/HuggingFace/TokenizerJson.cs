using System.Text.Json;

namespace Cluster.Tokenization.HuggingFace;

/// <summary>
/// A tokenizer.json, opened: small parts as elements, the two huge ones (vocabulary, merges) as places in the file, to be read in one pass without
/// a document tree over half a million nodes.
/// </summary>
internal sealed class TokenizerJson
{
    private readonly Dictionary<string, JsonElement> _parts = [];
    private readonly Dictionary<string, JsonElement> _model = [];
    private (int Start, int Length) _vocabulary;
    private (int Start, int Length) _merges;
    private readonly ReadOnlyMemory<byte> _file;

    public TokenizerJson(ReadOnlyMemory<byte> file)
    {
        if (file.Span.StartsWith("\uFEFF"u8)) file = file[3..];
        _file = file;
        var reader = new Utf8JsonReader(file.Span);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw TokenizerException.Malformed("tokenizer.json is not an object");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                reader.Read();
                if (name == "model") ReadModel(ref reader);
                else _parts[name] = JsonElement.ParseValue(ref reader);
            }
        }
        catch (JsonException e)
        {
            throw new TokenizerException(TokenizerError.FileMalformed, "tokenizer.json is not JSON: " + e.Message, e);
        }
        if (_vocabulary.Length == 0) throw TokenizerException.Malformed("tokenizer.json has no model.vocab");
    }

    public JsonElement? Part(string name) => _parts.TryGetValue(name, out JsonElement part) && part.ValueKind != JsonValueKind.Null ? part : null;

    public JsonElement? Model(string name) => _model.TryGetValue(name, out JsonElement part) && part.ValueKind != JsonValueKind.Null ? part : null;

    public string? ModelString(string name) => Model(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public bool ModelBool(string name) => Model(name) is { ValueKind: JsonValueKind.True };

    public int ModelInt(string name, int otherwise) => Model(name) is { ValueKind: JsonValueKind.Number } value ? value.GetInt32() : otherwise;

    public ReadOnlySpan<byte> Vocabulary => _file.Span.Slice(_vocabulary.Start, _vocabulary.Length);

    public ReadOnlySpan<byte> Merges => _file.Span.Slice(_merges.Start, _merges.Length);

    private void ReadModel(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw TokenizerException.Malformed("tokenizer.json's model is not an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name is not ("vocab" or "merges"))
            {
                _model[name] = JsonElement.ParseValue(ref reader);
                continue;
            }
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            var place = (start, (int)reader.BytesConsumed - start);
            if (name == "vocab") _vocabulary = place;
            else _merges = place;
        }
    }
}
