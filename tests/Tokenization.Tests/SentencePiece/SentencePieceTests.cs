using System.Text.Json;
using Cluster.Tokenization.HuggingFace;

namespace Cluster.Tokenization.Tests.SentencePiece;

/// <summary>Folders that have a SentencePiece model and no tokenizer.json, against ids of the sentencepiece library (goldens/sentencepiece_goldens.py).</summary>
public sealed class SentencePieceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sentencepiece-").FullName;

    [Theory]
    [InlineData("unigram")]
    [InlineData("bytes")]
    [InlineData("pairs")]
    [InlineData("user")]
    public void Encode_ManyStrings_EqualsTheLibrary(string name)
    {
        HuggingFaceTokenizer tokenizer = Load(name);
        var wrong = new List<string>();
        int count = 0;
        foreach (string line in File.ReadLines(Data(name + ".jsonl")))
        {
            JsonElement golden = JsonElement.Parse(line);
            string text = golden.GetProperty("text").GetString()!;
            int[] expected = [.. golden.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            int[] actual = tokenizer.Encode(text, parseSpecial: false);
            if (!expected.AsSpan().SequenceEqual(actual)) wrong.Add($"{JsonSerializer.Serialize(text)}\n  {string.Join(' ', expected)}\n  {string.Join(' ', actual)}");
            count++;
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count} differ:\n{string.Join('\n', wrong.Take(5))}");
        Assert.True(count >= 500);
    }

    [Fact]
    public void Spelling_IsBytes_AndTheTextComesBack()
    {
        HuggingFaceTokenizer tokenizer = Load("pairs");
        Assert.Equal([0xC3], tokenizer.Vocabulary.BytesOf(tokenizer.IdOf("<0xC3>")).ToArray());
        foreach (string text in new[] { "Hello  world", " leading", "a\nb\tc", "naïve 🇩🇪 \u0001" })
        {
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, parseSpecial: false)));
        }
    }

    [Fact]
    public void Ends_AreTheFilesOwn_UnlessTheFolderNamesOthers()
    {
        Assert.Equal([2], Load("pairs").Vocabulary.EndIds);
        File.WriteAllText(Path.Combine(_folder, "generation_config.json"), """{"eos_token_id":[5,2]}""");
        Assert.Equal([5, 2], HuggingFaceTokenizer.Load(_folder).Vocabulary.EndIds);
    }

    [Fact]
    public void Markers_AreTextForACaller_AndTokensForATemplate()
    {
        HuggingFaceTokenizer tokenizer = Load("pairs");
        Assert.DoesNotContain(1, tokenizer.Encode("<s>a", parseSpecial: false));
        Assert.Equal(1, tokenizer.Encode("<s>a", parseSpecial: true)[0]);
        Assert.True(tokenizer.Vocabulary.IsSpecial(1));
    }

    [Fact]
    public void File_CutAnywhere_IsMalformed()
    {
        byte[] file = File.ReadAllBytes(Data("pairs.model"));
        for (int length = 1; length < 200; length++)
        {
            File.WriteAllBytes(Path.Combine(_folder, "tokenizer.model"), file[..length]);
            try
            {
                HuggingFaceTokenizer.Load(_folder);
            }
            catch (TokenizerException e)
            {
                Assert.Equal(TokenizerError.FileMalformed, e.Error);
            }
        }
    }

    [Fact]
    public void Vocabulary_AtItsBound_IsRead_OnePieceMoreIsNot()
    {
        int size = Load("pairs").Vocabulary.Size;
        HuggingFaceTokenizer.Load(_folder, new TokenizerOptions { VocabularySizeMax = size });
        var error = Assert.Throws<TokenizerException>(() => HuggingFaceTokenizer.Load(_folder, new TokenizerOptions { VocabularySizeMax = size - 1 }));
        Assert.Contains("VocabularySizeMax", error.Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private HuggingFaceTokenizer Load(string name)
    {
        File.Copy(Data(name + ".model"), Path.Combine(_folder, "tokenizer.model"), overwrite: true);
        return HuggingFaceTokenizer.Load(_folder);
    }

    private static string Data(string name) => Path.Combine(Repository.Root!, "tests", "Tokenization.Tests", "data", "sentencepiece", name);
}
