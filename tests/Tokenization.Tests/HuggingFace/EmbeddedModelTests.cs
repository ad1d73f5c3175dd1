using System.Text.Json;
using Cluster.Tokenization.HuggingFace;
using Cluster.Tokenization.Templates;

namespace Cluster.Tokenization.Tests.HuggingFace;

/// <summary>The folder of the embedded model loads, and its template and tokens are what it was trained with.</summary>
public sealed class EmbeddedModelTests
{
    private static readonly string Folder = Path.Combine(Repository.Root!, "cluster-config", "models", "cluster-extract-1");

    [Fact]
    public void Folder_Loads_AndRoundTrips()
    {
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(Folder);
        var source = new TextSource(seed: 9, []);
        for (int i = 0; i < 1000; i++)
        {
            string text = source.Next();
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, parseSpecial: false)));
        }
        Assert.Equal("<|end|>", Assert.Single(tokenizer.Vocabulary.EndIds.Select(id => System.Text.Encoding.UTF8.GetString(tokenizer.Vocabulary.BytesOf(id)))));
    }

    [Fact]
    public void Template_WithShape_PutsItBeforeTheAnswer()
    {
        ChatTemplate template = new TokenizerFolder(Folder).LoadChatTemplate(TimeProvider.System)!;
        JsonElement messages = JsonElement.Parse("""[{"role":"system","content":"S"},{"role":"user","content":"U"}]""");
        var shape = new Dictionary<string, JsonElement> { ["schema_shape"] = JsonElement.Parse("\"{name}\"") };
        Assert.Equal("<|system|>S<|user|>U<|schema|>{name}<|assistant|>", template.Render(messages, variables: shape));
        Assert.Equal("<|system|>S<|user|>U", template.Render(messages, addGenerationPrompt: false));
    }

    [Fact]
    public void Encode_ManyStrings_EqualsTheReference() => GoldenTests.Compare("embedded model", Path.Combine(Folder, "tokenizer.json"), null);
}
