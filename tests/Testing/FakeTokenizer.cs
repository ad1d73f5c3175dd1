using System.Text;
using Cluster.Tokenization;

namespace Cluster.Testing;

/// <summary>
/// Ids 0 to 255 are bytes, 256 is end of sequence, then whole words. Encodes by the longest match from the left, which makes it
/// canonical.
/// </summary>
public sealed class FakeTokenizer : ITokenizer
{
    public const int End = 256;

    /// <summary>Words that JSON is full of.</summary>
    public static readonly string[] JsonWords =
    [
        "{\"", "\":", "\":\"", "\",\"", "\"}", "},", "],", "name", "city", "age", "true", "false", "null",
        ", ", ": ", "Jane", "Ber", "lin", "Berlin", "ing", "the ",
    ];

    private readonly int _longest;
    private readonly Dictionary<string, int> _words = [];

    public FakeTokenizer(params string[] words)
    {
        var bytes = new List<byte[]>();
        for (int value = 0; value < 256; value++) bytes.Add([(byte)value]);
        bytes.Add("<end>"u8.ToArray());
        foreach (string word in words.Length == 0 ? JsonWords : words)
        {
            _words[word] = bytes.Count;
            bytes.Add(Encoding.UTF8.GetBytes(word));
            _longest = Math.Max(_longest, word.Length);
        }
        Vocabulary = new Vocabulary(bytes, [], [End]);
    }

    public Vocabulary Vocabulary { get; }

    public int[] Encode(string text, bool parseSpecial)
    {
        var ids = new List<int>();
        for (int i = 0; i < text.Length;)
        {
            int length = Math.Min(_longest, text.Length - i);
            while (length > 0 && !_words.ContainsKey(text.Substring(i, length))) length--;
            if (length > 0)
            {
                ids.Add(_words[text.Substring(i, length)]);
                i += length;
                continue;
            }
            length = char.IsSurrogatePair(text, Math.Min(i, text.Length - 1)) ? 2 : 1;
            foreach (byte value in Encoding.UTF8.GetBytes(text.Substring(i, length))) ids.Add(value);
            i += length;
        }
        return [.. ids];
    }

    public string Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new List<byte>();
        foreach (int id in ids) if (!Vocabulary.IsSpecial(id)) bytes.AddRange(Vocabulary.BytesOf(id));
        return Encoding.UTF8.GetString([.. bytes]);
    }
}
