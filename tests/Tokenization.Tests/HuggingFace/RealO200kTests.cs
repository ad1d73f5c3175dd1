using System.Globalization;
using System.Text;
using System.Text.Json;
using Cluster.Tokenization.HuggingFace;

namespace Cluster.Tokenization.Tests.HuggingFace;

/// <summary>o200k at its full size: its 200,000 tokens put into a tokenizer.json of the published form.</summary>
public sealed class RealO200kTests
{
    [Fact]
    public void Encode_ManyStrings_EqualsTheReference()
    {
        string[][] rows = [.. File.ReadLines(SharedData.Require("data/vocab/o200k_base.tsv")).Select(line => line.Split('\t')).Where(row => row[2] == "n")];
        byte[][] spellings = [.. rows.Select(row => Convert.FromHexString(row[1]))];
        var ranks = new Dictionary<string, int>();
        for (int i = 0; i < rows.Length; i++) ranks[Spell(spellings[i])] = int.Parse(rows[i][0], CultureInfo.InvariantCulture);

        JsonElement small = JsonElement.Parse(File.ReadAllBytes(Path.Combine(Repository.Root!, "tests", "Tokenization.Tests", "data", "o200k.tokenizer.json")));
        var json = small.EnumerateObject().ToDictionary(part => part.Name, part => (object)part.Value);
        json["added_tokens"] = new object[] { new { id = 199999, content = "<|endoftext|>", single_word = false, lstrip = false, rstrip = false, normalized = false, special = true } };
        json["model"] = new { type = "BPE", ignore_merges = true, vocab = ranks, merges = spellings.Where(bytes => bytes.Length > 1).Select(bytes => PartsOf(bytes, ranks)).Where(parts => parts.Length == 2) };
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(json));
            GoldenTests.Compare("o200k_base", file, null);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Spell(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (byte value in bytes) text.Append(ByteLevelAlphabet.ToChar(value));
        return text.ToString();
    }

    /// <summary>The pair that a token is merged from: what is left when all merges of lower rank are done.</summary>
    private static string[] PartsOf(byte[] bytes, Dictionary<string, int> ranks)
    {
        List<string> parts = [.. Spell(bytes).Select(c => c.ToString())];
        int own = ranks[Spell(bytes)];
        while (parts.Count > 2)
        {
            int best = -1, bestRank = own;
            for (int i = 0; i + 1 < parts.Count; i++)
            {
                if (ranks.TryGetValue(parts[i] + parts[i + 1], out int rank) && rank < bestRank) (best, bestRank) = (i, rank);
            }
            if (best < 0) break;
            parts[best] += parts[best + 1];
            parts.RemoveAt(best + 1);
        }
        return [.. parts];
    }
}
