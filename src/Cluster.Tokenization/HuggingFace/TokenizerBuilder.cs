using System.Text.Json;
using Cluster.Tokenization.HuggingFace.Decoders;
using Cluster.Tokenization.HuggingFace.Models;

namespace Cluster.Tokenization.HuggingFace;

/// <summary>Turns a tokenizer.json into <see cref="TokenizerParts"/>.</summary>
internal sealed class TokenizerBuilder(TokenizerOptions options)
{
    public TokenizerParts Build(ReadOnlyMemory<byte> file)
    {
        var json = new TokenizerJson(file);
        JsonElement? preTokenizer = json.Part("pre_tokenizer");
        TokenModel model;
        try
        {
            model = new ModelReader(json, options).Read(PreTokenizerReader.EndsInBytes(preTokenizer));
        }
        catch (JsonException e)
        {
            throw new TokenizerException(TokenizerError.FileMalformed, "tokenizer.json's vocabulary is malformed: " + e.Message, e);
        }
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
