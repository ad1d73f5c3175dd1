using System.Globalization;
using System.Text;
using Cluster.Tokenization;

namespace Cluster.Benchmarks.Edge;

/// <summary>Each id spells its own number in four digits: a reader of the text knows which token it has.</summary>
internal sealed class NumberTokenizer : ITokenizer
{
    public const int Size = 8192;

    public Vocabulary Vocabulary { get; } = new([.. Enumerable.Range(0, Size).Select(id => Encoding.ASCII.GetBytes(id.ToString("0000", CultureInfo.InvariantCulture))), "<end>"u8.ToArray()], [], [Size]);

    public int[] Encode(string text, bool parseSpecial) => [0];

    public string Decode(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder();
        foreach (int id in ids) text.Append(Encoding.ASCII.GetString(Vocabulary.BytesOf(id)));
        return text.ToString();
    }
}
