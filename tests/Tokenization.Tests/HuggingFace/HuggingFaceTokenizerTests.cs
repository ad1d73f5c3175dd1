using System.Text;
using Cluster.Tokenization.HuggingFace;

namespace Cluster.Tokenization.Tests.HuggingFace;

public sealed class HuggingFaceTokenizerTests
{
    private const string Flags = "\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":true";

    [Theory]
    [InlineData("a<t>b", new[] { 0, 9, 1 })]
    [InlineData("a <t> b", new[] { 0, 2, 9, 2, 1 })]
    [InlineData("<t><t", new[] { 9, 3, 4 })]
    [InlineData("<t2>", new[] { 10 })]
    public void Encode_AddedToken_TheLongestWins(string text, int[] expected) =>
        Assert.Equal(expected, Letters($$"""[{"id":9,"content":"<t>",{{Flags}}},{"id":10,"content":"<t2>",{{Flags}}},{"id":11,"content":"<t2",{{Flags}}}]""").Encode(text, parseSpecial: true));

    [Theory]
    [InlineData("lstrip", "a \t<t> b", new[] { 0, 9, 2, 1 })]
    [InlineData("rstrip", "a <t> \n b", new[] { 0, 2, 9, 1 })]
    [InlineData("single_word", "a<t>b <t> <t>", new[] { 0, 3, 4, 5, 1, 2, 9, 2, 9 })]
    public void Encode_AddedTokenFlag_IsObeyed(string flag, string text, int[] expected) =>
        Assert.Equal(expected, Letters($$"""[{"id":9,"content":"<t>",{{Flags.Replace($"\"{flag}\":false", $"\"{flag}\":true")}}}]""").Encode(text, parseSpecial: true));

    [Fact]
    public void Encode_NormalizedToken_IsFoundInNormalizedText()
    {
        HuggingFaceTokenizer tokenizer = Letters($$"""[{"id":9,"content":"AB",{{Flags.Replace("\"normalized\":false", "\"normalized\":true")}}}]""", """{"type":"Lowercase"}""");
        Assert.Equal([9, 9, 9], tokenizer.Encode("aBABab", parseSpecial: true));
    }

    [Fact]
    public void Encode_TextOfACaller_SpecialIsText_ButAddedWordsAreWords()
    {
        HuggingFaceTokenizer tokenizer = Letters($$"""[{"id":9,"content":"<t>",{{Flags}}},{"id":10,"content":"ab",{{Flags.Replace("\"special\":true", "\"special\":false")}}}]""");
        Assert.Equal([3, 4, 5, 10], tokenizer.Encode("<t>ab", parseSpecial: false));
        Assert.Equal([9, 10], tokenizer.Encode("<t>ab", parseSpecial: true));
        Assert.Equal("ab", tokenizer.Decode([9, 10]));
        Assert.True(tokenizer.Vocabulary.IsSpecial(9));
        Assert.False(tokenizer.Vocabulary.IsSpecial(10));
    }

    [Fact]
    public void Encode_IgnoreMerges_TakesTheWholeWord()
    {
        const string Split = """{"type":"Split","pattern":{"String":" "},"behavior":"Isolated","invert":false}""";
        Assert.Equal([3], Small.Bpe("a", "b", " ", "ab").With("pre_tokenizer", Split).WithModel("ignore_merges", "true").Load().Encode("ab", true));
        Assert.Equal([0, 1], Small.Bpe("a", "b", " ", "ab").With("pre_tokenizer", Split).Load().Encode("ab", true));
    }

    [Fact]
    public void Encode_BytesAndWholeWords_LikeTheEmbeddedModel()
    {
        // A vocabulary of the byte-level alphabet and some words, without merges.
        string[] alphabet = [.. Enumerable.Range(0, 256).Select(value => ByteLevelAlphabet.ToChar((byte)value).ToString())];
        HuggingFaceTokenizer tokenizer = Small.Bpe([.. alphabet, "Ġname", "name"])
            .With("pre_tokenizer", """{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}""").With("decoder", """{"type":"ByteLevel"}""").WithModel("ignore_merges", "true").Load();
        Assert.Equal([257, 256, .. Encoding.UTF8.GetBytes(" é")], tokenizer.Encode("name name é", parseSpecial: false));
        Assert.Equal("name name é", tokenizer.Decode(tokenizer.Encode("name name é", parseSpecial: false)));
        Assert.Equal(" name"u8, tokenizer.Vocabulary.BytesOf(256));
    }

    [Fact]
    public void Vocabulary_ByteFallback_SpellsTheByte()
    {
        HuggingFaceTokenizer tokenizer = Small.Bpe("<unk>", "<0xC3>", "<0xA9>", "▁a")
            .With("decoder", """{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}""")
            .WithModel("byte_fallback", "true").WithModel("unk_token", "\"<unk>\"").Load();
        Assert.Equal([0xC3], tokenizer.Vocabulary.BytesOf(1).ToArray());
        Assert.Equal([1, 2], tokenizer.Encode("é", parseSpecial: true));
        Assert.Equal([0], tokenizer.Encode("x", parseSpecial: true));
        Assert.Equal("a aé", tokenizer.Decode([3, 3, 1, 2]));
        Assert.Equal(1, tokenizer.LeadingSpacesDropped);
    }

    [Fact]
    public void Encode_TextAtTheLimit_IsTaken_OnePastIsRefused()
    {
        HuggingFaceTokenizer tokenizer = Small.Bpe("a").Load(new TokenizerOptions { TextCharsMax = 10 });
        Assert.Equal(10, tokenizer.Encode(new string('a', 10), parseSpecial: false).Length);
        Assert.Equal(TokenizerError.TextTooLong, Assert.Throws<TokenizerException>(() => tokenizer.Encode(new string('a', 11), parseSpecial: false)).Error);
    }

    [Fact]
    public void Load_VocabularyAtTheLimit_IsTaken_OnePastIsRefused()
    {
        Assert.Equal(3, Small.Bpe("a", "b", "c").Load(new TokenizerOptions { VocabularySizeMax = 3 }).Vocabulary.Size);
        Assert.Equal(TokenizerError.FileMalformed, Assert.Throws<TokenizerException>(() => Small.Bpe("a", "b", "c").Load(new TokenizerOptions { VocabularySizeMax = 2 })).Error);
    }

    [Theory]
    [InlineData("", TokenizerError.FileMalformed)]
    [InlineData("{", TokenizerError.FileMalformed)]
    [InlineData("[]", TokenizerError.FileMalformed)]
    [InlineData("{}", TokenizerError.FileMalformed)]
    [InlineData("""{"model":{"type":"BPE"}}""", TokenizerError.FileMalformed)]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}""", TokenizerError.FileMalformed)]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":"x"},"merges":[]}}""", TokenizerError.FileMalformed)]
    [InlineData("""{"model":{"type":"BPE","vocab":[],"merges":[]}}""", TokenizerError.FileMalformed)]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}""", TokenizerError.FileMalformed)]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["ab"]}}""", TokenizerError.FileMalformed)]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[1]}}""", TokenizerError.FileMalformed)]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0}}}""", TokenizerError.FileMalformed)]
    [InlineData("""{"model":{"type":"Unigram","vocab":[],"unk_id":0}}""", TokenizerError.FileMalformed)]
    [InlineData("""{"model":{"type":"Unigram","vocab":[["a",1.5]],"unk_id":3}}""", TokenizerError.FileMalformed)]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":0}}}""", TokenizerError.Unsupported)]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"normalizer":{"type":"Nmt"}}""", TokenizerError.Unsupported)]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"decoder":{"type":"CTC"}}""", TokenizerError.Unsupported)]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"added_tokens":[{"id":5}]}""", TokenizerError.FileMalformed)]
    public void Load_BadFile_IsATypedError(string json, TokenizerError expected) =>
        Assert.Equal(expected, Assert.Throws<TokenizerException>(() => HuggingFaceTokenizer.Parse(Encoding.UTF8.GetBytes(json), [])).Error);

    private static HuggingFaceTokenizer Letters(string addedTokens, string? normalizer = null)
    {
        var json = Small.Bpe("a", "b", " ", "<", "t", ">", "\t", "\n").With("added_tokens", addedTokens);
        return (normalizer is null ? json : json.With("normalizer", normalizer)).Load();
    }
}
