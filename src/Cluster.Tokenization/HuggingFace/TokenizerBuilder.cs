using System.Text.Json;
using Cluster.Tokenization.HuggingFace.Decoders;
using Cluster.Tokenization.HuggingFace.Models;

namespace Cluster.Tokenization.HuggingFace;

/// <summary>Turns a tokenizer.json into <see cref="TokenizerParts"/>.</summary>
internal sealed class TokenizerBuilder(TokenizerOptions options)
{
    public TokenizerParts Build(ReadOnlyMemory<byte> file)
    {
        try
        {
            return Build(new TokenizerJson(file));
        }
        // A value of another kind than the format says: a word where a number should be.
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new TokenizerException(TokenizerError.FileMalformed, "tokenizer.json is malformed: " + e.Message, e);
        }
    }

    private TokenizerParts Build(TokenizerJson json)
    {
        JsonElement? preTokenizer = json.Part("pre_tokenizer");
        TokenModel model = new ModelReader(json, options).Read(PreTokenizerReader.EndsInBytes(preTokenizer));
        // Truncation and padding are settings of a training run; a server neither cuts prompts silently nor pads them.
        AddedToken[] added = [.. (json.Part("added_tokens") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default).Select(AddedToken.Read)];
        return new TokenizerParts(
            model,
            NormalizerReader.Read(json.Part("normalizer")),
            new PreTokenizerReader(model.TakesBytes).Read(preTokenizer),
            added,
            new TokenSpeller(json.Part("decoder")),
            json.Part("post_processor"),
            options);
    }
}
