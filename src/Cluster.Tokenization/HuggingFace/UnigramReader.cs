using System.Text.Json;
using Cluster.Tokenization.HuggingFace.Models;

namespace Cluster.Tokenization.HuggingFace;

/// <summary>Reads a Unigram vocabulary: pairs of piece and score, in the order of their ids.</summary>
internal sealed class UnigramReader(TokenizerJson json, TokenizerOptions options)
{
    public UnigramModel Read()
    {
        var table = new TokenTable();
        var scores = new List<double>();
        var reader = new Utf8JsonReader(json.Vocabulary);
        byte[] form = new byte[256];
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray) throw TokenizerException.Malformed("a Unigram vocabulary is a list of pairs");
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.String) throw TokenizerException.Malformed("a Unigram piece is not a string");
            if (reader.ValueSpan.Length > form.Length) form = new byte[reader.ValueSpan.Length * 2];
            table.Add(form.AsSpan(0, reader.CopyString(form)), scores.Count);
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number) throw TokenizerException.Malformed("a Unigram score is not a number");
            scores.Add(reader.GetDouble());
            reader.Read();
            if (scores.Count > options.VocabularySizeMax) throw TokenizerException.Malformed("the vocabulary is larger than VocabularySizeMax");
        }
        if (scores.Count == 0) throw TokenizerException.Malformed("the vocabulary is empty");
        int unknown = json.ModelInt("unk_id", -1);
        if (unknown >= scores.Count) throw TokenizerException.Malformed("unk_id is outside of the vocabulary");
        return new UnigramModel(table, [.. scores], unknown, json.ModelBool("byte_fallback"));
    }
}
