using System.Text.Json;
using Cluster.Tokenization.HuggingFace.Models;

namespace Cluster.Tokenization.HuggingFace;

/// <summary>Builds the model that tokenizer.json describes.</summary>
internal sealed class ModelReader(TokenizerJson json, TokenizerOptions options)
{
    public TokenModel Read(bool endsInBytes)
    {
        string type = json.ModelString("type") ?? Guess();
        return type switch
        {
            "BPE" => ReadBytePair(endsInBytes),
            "Unigram" => new UnigramReader(json, options).Read(),
            "WordPiece" => ReadWordPiece(),
            _ => throw TokenizerException.Unsupported("model " + type),
        };
    }

    /// <summary>Files from before 2020 do not name the type.</summary>
    private string Guess() => json.Vocabulary[0] == '[' ? "Unigram" : json.Merges.Length > 0 ? "BPE" : "WordPiece";

    private BytePairModel ReadBytePair(bool endsInBytes)
    {
        var config = new BytePairConfig
        {
            IgnoreMerges = json.ModelBool("ignore_merges"),
            ByteFallback = json.ModelBool("byte_fallback"),
            FuseUnknown = json.ModelBool("fuse_unk"),
            UnknownToken = json.ModelString("unk_token"),
            ContinuingPrefix = json.ModelString("continuing_subword_prefix") ?? "",
            EndSuffix = json.ModelString("end_of_word_suffix") ?? "",
        };
        if (json.Model("dropout") is { ValueKind: JsonValueKind.Number } dropout && dropout.GetDouble() != 0) throw TokenizerException.Unsupported("BPE dropout");
        config = config with { ByteLevel = endsInBytes && config.ContinuingPrefix.Length + config.EndSuffix.Length == 0 };
        TokenTable table = ReadVocabulary(config.ByteLevel);
        MergeTable merges = new MergeReader(table, config).Read(json.Merges);
        return new BytePairModel(config, table, merges);
    }

    private WordPieceModel ReadWordPiece() => new(ReadVocabulary(asBytes: false), json.ModelString("unk_token") ?? "[UNK]",
        json.ModelString("continuing_subword_prefix") ?? "##", json.ModelInt("max_input_chars_per_word", 100));

    /// <param name="asBytes">Undo the byte-level alphabet: the table then holds what tokens spell.</param>
    private TokenTable ReadVocabulary(bool asBytes)
    {
        var table = new TokenTable();
        ReadOnlySpan<byte> vocabulary = json.Vocabulary;
        table.Reserve(vocabulary.Length / 20, vocabulary.Length / 2);
        var reader = new Utf8JsonReader(vocabulary);
        byte[] form = new byte[256];
        byte[] bytes = new byte[256];
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw TokenizerException.Malformed("the vocabulary is not an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int longest = reader.ValueSpan.Length;
            if (longest > form.Length) (form, bytes) = (new byte[longest * 2], new byte[longest * 2]);
            int length = reader.CopyString(form);
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int id) || id < 0 || id >= options.VocabularySizeMax) throw TokenizerException.Malformed("an id of the vocabulary is not a number in range");
            if (!asBytes) table.Add(form.AsSpan(0, length), id);
            else if (ByteLevelAlphabet.TryToBytes(form.AsSpan(0, length), bytes, out int written)) table.Add(bytes.AsSpan(0, written), id);
            // A token outside the alphabet never comes out of the byte-level pre-tokenizer, so the model cannot produce it.
            else table.Add(form.AsSpan(0, length), id, findable: false);
        }
        return table;
    }
}
