using System.Text;
using Cluster.Tokenization.HuggingFace;

namespace Cluster.Tokenization.Tests.HuggingFace;

/// <summary>
/// Bounds on processor time, not on the clock: they must hold on a busy machine too. Alone, as the processor time is the whole process's.
/// </summary>
[CollectionDefinition(nameof(SpeedTests), DisableParallelization = true)]
[Collection(nameof(SpeedTests))]
public sealed class SpeedTests
{
    [Fact]
    public void Load_Qwen_TakesLessThan300Ms()
    {
        byte[] file = File.ReadAllBytes(SharedData.Require("data/vocab/qwen2_5.tokenizer.json"));
        double best = Best(4, () => HuggingFaceTokenizer.Parse(file, ["<|im_end|>"]));
        Console.WriteLine($"Qwen2.5's vocabulary loads in {best:F0} ms");
        Assert.True(best < 300, $"{best:F0} ms");
    }

    [Theory]
    [InlineData("ordinary")]
    [InlineData("spaces")]
    [InlineData("letters")]
    [InlineData("upper")]
    [InlineData("punctuation")]
    [InlineData("ideographs")]
    [InlineData("marks")]
    public void Encode_LongText_TakesMilliseconds(string kind)
    {
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Parse(File.ReadAllBytes(SharedData.Require("data/vocab/qwen2_5.tokenizer.json")), []);
        string text = TextOf(kind, 45_000);
        int count = 0;
        double best = Best(20, () => count = tokenizer.Encode(text, parseSpecial: false).Length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        tokenizer.Encode(text, parseSpecial: false);
        double bytes = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / count;
        Console.WriteLine($"{kind}: {text.Length} characters, {count} tokens in {best:F1} ms, {bytes:F0} bytes a token");
        Assert.True(best < 60, $"{best:F1} ms for {count} tokens");
    }

    /// <summary>Ten times the text takes about ten times as long, not a hundred: nobody can stall the server with a long word.</summary>
    [Theory]
    [InlineData("llama2", "letters")]
    [InlineData("llama2", "spaces")]
    [InlineData("o200k", "upper")]
    [InlineData("o200k", "spaces")]
    [InlineData("gpt2", "letters")]
    [InlineData("t5", "letters")]
    [InlineData("bert-uncased", "punctuation")]
    [InlineData("bert-uncased", "marks")]
    public void Encode_LongerText_GrowsInProportion(string family, string kind)
    {
        byte[] json = File.ReadAllBytes(Path.Combine(Repository.Root!, "tests", "Tokenization.Tests", "data", family + ".tokenizer.json"));
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Parse(json, []);
        string small = TextOf(kind, 30_000), large = TextOf(kind, 300_000);
        double smallTime = Best(5, () => tokenizer.Encode(small, parseSpecial: true)), largeTime = Best(3, () => tokenizer.Encode(large, parseSpecial: true));
        Console.WriteLine($"{family}, {kind}: {smallTime:F1} ms, ten times the text {largeTime:F1} ms");
        Assert.True(largeTime < 40 * Math.Max(smallTime, 3), $"{smallTime:F1} ms, then {largeTime:F1} ms");
    }

    private static string TextOf(string kind, int length)
    {
        string unit = kind switch
        {
            "spaces" => " ",
            "letters" => "abcdefghij",
            "upper" => "ABCD",
            "punctuation" => "!?.,;",
            "ideographs" => "敏捷的棕色狐狸跳过了懒狗",
            "marks" => "e\u0301\u0323",
            _ => "The quick brown fox jumps over the lazy dog; internationalization of \"strings\" costs 1234.56 EUR.\n",
        };
        var text = new StringBuilder();
        while (text.Length < length) text.Append(unit);
        return text.ToString();
    }

    private static double Best(int runs, Action action)
    {
        double best = double.MaxValue;
        for (int i = 0; i < runs; i++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            action();
            best = Math.Min(best, (Environment.CpuUsage.TotalTime - before).TotalMilliseconds);
        }
        return best;
    }
}
