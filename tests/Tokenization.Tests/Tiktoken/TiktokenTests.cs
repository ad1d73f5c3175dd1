using System.Text;
using System.Text.Json;
using Cluster.Tokenization.HuggingFace;
using Cluster.Tokenization.Tiktoken;

namespace Cluster.Tokenization.Tests.Tiktoken;

/// <summary>Folders that have a tiktoken file and no tokenizer.json.</summary>
public sealed class TiktokenTests : IDisposable
{
    private const string Words = """{"pat_str":" ?\\p{L}+|\\p{N}{1,3}+|\\s+$|\\s|."}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("tiktoken-").FullName;

    [Theory]
    [InlineData("tokenizer.model")]
    [InlineData("tiktoken.model")]
    [InlineData("some.tiktoken")]
    public void Load_FileOfEachName_EncodesAndSpells(string name)
    {
        Write(name, Ranks("ab", " ab", "12"));
        Write("tokenizer_config.json", Words);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(_folder);
        Assert.Equal([256, 257], tokenizer.Encode("ab ab", parseSpecial: false));
        Assert.Equal(" ab"u8, tokenizer.Vocabulary.BytesOf(257));
        Assert.Equal("ab é\0", tokenizer.Decode(tokenizer.Encode("ab é\0", parseSpecial: false)));
    }

    /// <summary>1234 is 123 and 4: the repetition is possessive, and not repeated as tokenizer.json's dialect would have it.</summary>
    [Fact]
    public void Pattern_IsReadAsTiktokenReadsIt()
    {
        Write("a.tiktoken", Ranks("34"));
        Write("tokenizer_config.json", Words);
        Assert.Equal("1234", string.Concat(HuggingFaceTokenizer.Load(_folder).Encode("1234", parseSpecial: false).Select(id => (char)id)));
    }

    [Fact]
    public void AddedTokens_OfTheConfig_AreFoundInTextOfTemplatesOnly()
    {
        Write("a.tiktoken", Ranks());
        Write("tokenizer_config.json", """
            {"pat_str":"[\\s\\S]","eos_token":"<|end|>","added_tokens_decoder":{"300":{"content":"<|end|>","special":true},"301":{"content":"<b>","special":false}}}
            """);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(_folder);
        Assert.Equal([300], tokenizer.Vocabulary.EndIds);
        Assert.Equal([301, 300], tokenizer.Encode("<b><|end|>", parseSpecial: true));
        Assert.DoesNotContain(300, tokenizer.Encode("<|end|>", parseSpecial: false));
        Assert.Equal(0, tokenizer.Vocabulary.BytesOf(299).Length);
        Assert.Equal("<b>"u8, tokenizer.Vocabulary.BytesOf(301));
    }

    [Theory]
    [InlineData(128_000, "llama3", "<|eot_id|>", 128_009)]
    [InlineData(151_643, "qwen2", "<|im_end|>", 151_645)]
    [InlineData(199_998, "o200k", "<|endoftext|>", 199_999)]
    public void Published_Encodings_CutWordsAsTheirTokenizerJson(int rankCount, string family, string special, int id)
    {
        TiktokenEncoding encoding = TiktokenEncoding.Find(rankCount)!;
        string json = File.ReadAllText(Path.Combine(Repository.Root!, "tests", "Tokenization.Tests", "data", family + ".tokenizer.json"));
        JsonElement split = JsonElement.Parse(json).GetProperty("pre_tokenizer").GetProperty("pretokenizers")[0];
        Assert.Equal(split.GetProperty("pattern").GetProperty("Regex").GetString(), encoding.Pattern);
        Assert.Equal(id, encoding.Specials[special]);
        Assert.Equal(encoding.Specials.Count, encoding.Specials.Values.Distinct().Count());
        Assert.All(encoding.Ends, end => Assert.Contains(end, encoding.Specials.Keys));
    }

    [Fact]
    public void Load_UnknownNumberOfRanks_AsksForThePattern()
    {
        Write("a.tiktoken", Ranks());
        var error = Assert.Throws<TokenizerException>(() => HuggingFaceTokenizer.Load(_folder));
        Assert.Equal(TokenizerError.Unsupported, error.Error);
        Assert.Contains("pat_str", error.Message);
        Assert.Contains("a.tiktoken", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("YQ== 0\n")]
    [InlineData("YQ==\n")]
    [InlineData("YQ== -1\n")]
    [InlineData("YQ== 1x\n")]
    [InlineData("YQ== 99999999999\n")]
    [InlineData("? 0\n")]
    [InlineData(" 0\n")]
    public void Load_Malformed_SaysSo(string file)
    {
        Write("tokenizer.model", file);
        Assert.Equal(TokenizerError.FileMalformed, Assert.Throws<TokenizerException>(() => HuggingFaceTokenizer.Load(_folder)).Error);
    }

    [Fact]
    public void Load_RankTwice_IsMalformed()
    {
        Write("a.tiktoken", Ranks() + "YWI= 255\n");
        Write("tokenizer_config.json", Words);
        Assert.Contains("255 twice", Assert.Throws<TokenizerException>(() => HuggingFaceTokenizer.Load(_folder)).Message);
    }

    [Fact]
    public void Load_AddedTokenOnARank_IsMalformed()
    {
        Write("a.tiktoken", Ranks());
        Write("tokenizer_config.json", """{"pat_str":".","added_tokens_decoder":{"7":{"content":"<x>","special":true}}}""");
        Assert.Contains("id 7", Assert.Throws<TokenizerException>(() => HuggingFaceTokenizer.Load(_folder)).Message);
    }

    [Fact]
    public void Vocabulary_AtItsBound_IsRead_OneRankMoreIsNot()
    {
        Write("a.tiktoken", Ranks("ab"));
        Write("tokenizer_config.json", Words);
        HuggingFaceTokenizer.Load(_folder, new TokenizerOptions { VocabularySizeMax = 257 });
        Assert.Contains("VocabularySizeMax", Assert.Throws<TokenizerException>(() => HuggingFaceTokenizer.Load(_folder, new TokenizerOptions { VocabularySizeMax = 256 })).Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder, name), content);

    /// <summary>Every byte, then <paramref name="more"/>.</summary>
    private static string Ranks(params string[] more)
    {
        byte[][] tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), .. more.Select(Encoding.UTF8.GetBytes)];
        return string.Concat(tokens.Select((token, rank) => $"{Convert.ToBase64String(token)} {rank}\n"));
    }
}
