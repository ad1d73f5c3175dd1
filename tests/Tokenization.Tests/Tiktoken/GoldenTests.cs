using System.Text;
using System.Text.Json;
using Cluster.Tokenization.HuggingFace;

namespace Cluster.Tokenization.Tests.Tiktoken;

/// <summary>Ids of the published encodings at their full size against npm tiktoken, string by string.</summary>
public sealed class GoldenTests : IDisposable
{
    private const int Count = 10_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("tiktoken-").FullName;

    [Theory]
    [InlineData("r50k_base", 50_256)]
    [InlineData("p50k_base", 50_256)]
    [InlineData("cl100k_base", 100_257)]
    [InlineData("o200k_base", 199_999)]
    public void Encode_ManyStrings_EqualsTheLibrary(string encoding, int end)
    {
        var source = new TextSource(seed: 3, ["<|endoftext|>", "<|endofprompt|>", "<|fim_prefix|>"]);
        string[] texts = [.. Enumerable.Range(0, Count).Select(_ => source.Next())];
        JsonElement golden = NodeReference.Run("tiktoken.mjs", encoding, Path.Combine(_folder, encoding + ".tiktoken"), texts);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(_folder);
        Assert.Equal([end], tokenizer.Vocabulary.EndIds);
        foreach (JsonProperty special in golden.GetProperty("specials").EnumerateObject())
        {
            Assert.Equal(special.Value.GetInt32(), tokenizer.IdOf(special.Name));
            Assert.True(tokenizer.Vocabulary.IsSpecial(special.Value.GetInt32()));
        }
        var different = new List<string>();
        foreach (var (text, answer) in texts.Zip(golden.GetProperty("answers").EnumerateArray()))
        {
            int[] ids = tokenizer.Encode(text, parseSpecial: true);
            bool isEqual = ids.AsSpan().SequenceEqual(Ids(answer[0]))
                && tokenizer.Encode(text, parseSpecial: false).AsSpan().SequenceEqual(Ids(answer[1]))
                && Convert.ToHexStringLower(Spelled(tokenizer.Vocabulary, ids)) == answer[2].GetString();
            if (!isEqual) different.Add($"{JsonSerializer.Serialize(text)}\n  ours   {string.Join(' ', ids)}\n  theirs {answer[0]}");
        }
        Assert.True(different.Count == 0, $"{different.Count} of {Count} differ:\n{string.Join('\n', different.Take(5))}");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static byte[] Spelled(Vocabulary vocabulary, int[] ids)
    {
        var bytes = new List<byte>();
        foreach (int id in ids) bytes.AddRange(vocabulary.BytesOf(id));
        return [.. bytes];
    }

    private static int[] Ids(JsonElement list) => [.. list.EnumerateArray().Select(id => id.GetInt32())];
}
