using System.Globalization;
using System.Text.Json;
using Cluster.Tokenization;

namespace Cluster.Benchmarks;

/// <summary>Vocabularies as <c>id TAB hex bytes TAB n|s</c> lines with a <c>.meta.json</c> beside them, and one made of single bytes.</summary>
internal static class VocabularyFile
{
    /// <param name="stem">Path without <c>.tsv</c>.</param>
    public static Vocabulary Read(string stem)
    {
        using var meta = JsonDocument.Parse(File.ReadAllBytes(stem + ".meta.json"));
        var bytes = new byte[meta.RootElement.GetProperty("vocab_size").GetInt32()][];
        Array.Fill(bytes, []);
        var specials = new List<int>();
        foreach (string line in File.ReadLines(stem + ".tsv"))
        {
            string[] columns = line.Split('\t');
            int id = int.Parse(columns[0], CultureInfo.InvariantCulture);
            bytes[id] = Convert.FromHexString(columns[1]);
            if (columns[2] == "s") specials.Add(id);
        }
        return new Vocabulary(bytes, specials, meta.RootElement.GetProperty("eos_ids").EnumerateArray().Select(id => id.GetInt32()));
    }

    /// <summary>Every byte is a token; id 256 ends the sequence. A walk through it needs no tokenizer.</summary>
    public static Vocabulary Bytes() => new([.. Enumerable.Range(0, 257).Select(id => id < 256 ? new[] { (byte)id } : [])], [256], [256]);
}
