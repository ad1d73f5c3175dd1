using Cluster.Tokenization.HuggingFace;

namespace Cluster.Tokenization.Tests.HuggingFace;

public sealed class QwenTests
{
    private static readonly Lazy<HuggingFaceTokenizer> Qwen = new(() =>
        HuggingFaceTokenizer.Parse(File.ReadAllBytes(SharedData.Require("data/vocab/qwen2_5.tokenizer.json")), ["<|im_end|>"]));

    [Theory]
    [InlineData("Hello world", new[] { 9707, 1879 })]
    [InlineData("<|im_start|>user\n", new[] { 151644, 872, 198 })]
    [InlineData("", new int[0])]
    public void Encode_KnownText_GivesKnownIds(string text, int[] expected) => Assert.Equal(expected, Qwen.Value.Encode(text, parseSpecial: true));

    [Fact]
    public void Encode_SpecialTokenOfACaller_IsOrdinaryText()
    {
        int[] ids = Qwen.Value.Encode("<|im_start|>", parseSpecial: false);
        Assert.DoesNotContain(151644, ids);
        Assert.Equal("<|im_start|>", Qwen.Value.Decode(ids));
    }

    [Fact]
    public void Vocabulary_SpellingsAreTheBytes()
    {
        foreach (string line in File.ReadLines(SharedData.Require("data/vocab/qwen2_5.tsv")))
        {
            string[] fields = line.Split('\t');
            int id = int.Parse(fields[0]);
            if (fields[2] != "n") continue;
            Assert.False(Qwen.Value.Vocabulary.IsSpecial(id));
            Assert.Equal(fields[1], Convert.ToHexStringLower(Qwen.Value.Vocabulary.BytesOf(id)));
        }
    }

    [Fact]
    public void Encode_LoneSurrogates_AreReplacementCharacters() =>
        Assert.Equal(Qwen.Value.Encode("a\uFFFDb", parseSpecial: false), Qwen.Value.Encode("a\uD800b", parseSpecial: false));
}
