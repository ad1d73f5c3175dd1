using System.Text;
using System.Text.Json;
using Cluster.Tokenization.HuggingFace;
using Cluster.Tokenization.MicrosoftMl;

namespace Cluster.Tokenization.Tests.MicrosoftMl;

/// <summary>The real package over files written here.</summary>
public sealed class PackageTokenizerTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void TiktokenFile_Load_EncodesAndSpells()
    {
        var lines = Enumerable.Range(0, 256).Select(value => Convert.ToBase64String([(byte)value]) + " " + value).ToList();
        lines.Add(Convert.ToBase64String("ab"u8) + " 256");
        lines.Add(Convert.ToBase64String(" ab"u8) + " 257");
        File.WriteAllLines(_file, lines);
        PackageTokenizer tokenizer = TiktokenFile.Load(_file, @" ?\p{L}+|\s+|.", new Dictionary<string, int> { ["<|end|>"] = 300 }, [300]);
        Assert.Equal([256, 257, 300], tokenizer.Encode("ab ab<|end|>", parseSpecial: true));
        Assert.DoesNotContain(300, tokenizer.Encode("<|end|>", parseSpecial: false));
        Assert.Equal("ab é", tokenizer.Decode(tokenizer.Encode("ab é", parseSpecial: false)));
        Assert.Equal(" ab"u8, tokenizer.Vocabulary.BytesOf(257));
        Assert.Equal([300], tokenizer.Vocabulary.EndIds);
        Assert.Equal(0, tokenizer.Vocabulary.BytesOf(299).Length);
    }

    /// <summary>Without characters beyond the basic plane, see <see cref="TiktokenFile"/>.</summary>
    [Fact]
    public void TiktokenFile_EncodesAsOurOwnReader()
    {
        const string Pattern = @" ?\p{L}+|\p{N}{1,3}|\s+(?!\S)|\s+|[^\s\p{L}\p{N}]+";
        string folder = Directory.CreateTempSubdirectory("tiktoken-").FullName;
        try
        {
            var tokens = Enumerable.Range(0, 256).Select(value => new[] { (byte)value }).Concat(new[] { "th", "the", " the", "er", "12", "  " }.Select(Encoding.UTF8.GetBytes));
            string file = Path.Combine(folder, "a.tiktoken");
            File.WriteAllLines(file, tokens.Select((token, rank) => $"{Convert.ToBase64String(token)} {rank}"));
            File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), JsonSerializer.Serialize(new { pat_str = Pattern }));
            ITokenizer ours = HuggingFaceTokenizer.Load(folder), theirs = TiktokenFile.Load(file, Pattern, new Dictionary<string, int>(), []);
            var source = new TextSource(seed: 5, [], point => point > 0xFFFF);
            for (int i = 0; i < 10_000; i++)
            {
                string text = source.Next();
                Assert.Equal(theirs.Encode(text, parseSpecial: false), ours.Encode(text, parseSpecial: false));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void SentencePieceFile_Load_EncodesAndSpells()
    {
        var pieces = new List<(string Piece, float Score, int Type)> { ("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3) };
        for (int value = 0; value < 256; value++) pieces.Add(($"<0x{value:X2}>", 0, 6));
        pieces.AddRange([("▁a", -1, 1), ("▁", -2, 1), ("a", -3, 1), ("b", -4, 1)]);
        File.WriteAllBytes(_file, Model(pieces));
        PackageTokenizer tokenizer = SentencePieceFile.Load(_file);
        Assert.Equal(" a"u8, tokenizer.Vocabulary.BytesOf(259));
        Assert.Equal([0xC3], tokenizer.Vocabulary.BytesOf(3 + 0xC3).ToArray());
        Assert.Equal([259, 259, 262], tokenizer.Encode("a ab", parseSpecial: false));
        Assert.Equal([259, 2], tokenizer.Encode("a</s>", parseSpecial: true));
        Assert.Equal("a é", tokenizer.Decode(tokenizer.Encode("a é", parseSpecial: false)));
        Assert.Equal([2], tokenizer.Vocabulary.EndIds);
    }

    [Fact]
    public void Load_NoFile_IsMissing()
    {
        Assert.Equal(TokenizerError.FileMissing, Assert.Throws<TokenizerException>(() => SentencePieceFile.Load(_file + ".none")).Error);
        Assert.Equal(TokenizerError.FileMissing, Assert.Throws<TokenizerException>(() => TiktokenFile.Load(_file + ".none", ".", new Dictionary<string, int>(), [])).Error);
    }

    [Fact]
    public void Load_AnotherFile_IsMalformed()
    {
        File.WriteAllText(_file, "{\"not\": \"a model\"}");
        Assert.Equal(TokenizerError.FileMalformed, Assert.Throws<TokenizerException>(() => SentencePieceFile.Load(_file)).Error);
        Assert.Equal(TokenizerError.FileMalformed, Assert.Throws<TokenizerException>(() => TiktokenFile.Load(_file, ".", new Dictionary<string, int>(), [])).Error);
    }

    /// <summary>The protocol buffer of a BPE model: pieces (1), trainer settings (2), normalizer settings (3).</summary>
    private static byte[] Model(IEnumerable<(string Piece, float Score, int Type)> pieces)
    {
        var model = new List<byte>();
        foreach ((string piece, float score, int type) in pieces)
        {
            byte[] text = Encoding.UTF8.GetBytes(piece);
            Add(model, 1, [0x0A, (byte)text.Length, .. text, 0x15, .. BitConverter.GetBytes(score), 0x18, (byte)type]);
        }
        // model_type = BPE (2), byte_fallback = true; then the numbers of unk, bos and eos.
        Add(model, 2, [0x18, 2, 0x98, 0x02, 1, 0xC0, 0x02, 0, 0xC8, 0x02, 1, 0xD0, 0x02, 2]);
        // name, add_dummy_prefix, remove_extra_whitespaces = false, escape_whitespaces.
        Add(model, 3, [0x0A, 8, .. "identity"u8, 0x18, 1, 0x20, 0, 0x28, 1]);
        return [.. model];
    }

    private static void Add(List<byte> message, int field, byte[] content)
    {
        message.Add((byte)((field << 3) | 2));
        for (int rest = content.Length; ; rest >>= 7)
        {
            message.Add((byte)((rest & 0x7F) | (rest > 0x7F ? 0x80 : 0)));
            if (rest <= 0x7F) break;
        }
        message.AddRange(content);
    }
}
