using System.Diagnostics;
using Cluster.Tokenization;

namespace Cluster.Benchmarks;

/// <summary>
/// The yardstick: a plain flat trie of the vocabulary, walked once from end to end. Its time stands for the machine, so that figures of
/// two machines can be compared.
/// </summary>
internal sealed class VocabularyTrie
{
    private readonly byte[] _bytes;
    private readonly int[] _sizes;

    public VocabularyTrie(Vocabulary vocabulary)
    {
        var spellings = Enumerable.Range(0, vocabulary.Size)
            .Where(id => !vocabulary.IsSpecial(id) && vocabulary.BytesOf(id).Length > 0)
            .Select(id => vocabulary.BytesOf(id).ToArray()).ToList();
        spellings.Sort((left, right) => left.AsSpan().SequenceCompareTo(right));
        var bytes = new List<byte>();
        var depths = new List<int>();
        byte[] previous = [];
        foreach (byte[] spelling in spellings)
        {
            for (int depth = spelling.AsSpan().CommonPrefixLength(previous); depth < spelling.Length; depth++)
            {
                bytes.Add(spelling[depth]);
                depths.Add(depth);
            }
            previous = spelling;
        }
        _bytes = [.. bytes];
        _sizes = new int[bytes.Count];
        var open = new Stack<int>();
        for (int node = 0; node <= _sizes.Length; node++)
        {
            while (open.TryPeek(out int top) && (node == _sizes.Length || depths[top] >= depths[node])) _sizes[open.Pop()] = node - top;
            open.Push(node);
        }
    }

    public int Nodes => _bytes.Length;

    /// <summary>Median microseconds of a walk over every node that looks at its byte and may skip its subtree.</summary>
    public double MeasureUs()
    {
        var times = new double[41];
        var isOpen = new bool[256];
        Array.Fill(isOpen, true);
        int visited = 0;
        for (int run = 0; run < times.Length; run++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int node = 0; node < _bytes.Length;)
            {
                visited++;
                node += isOpen[_bytes[node]] ? 1 : _sizes[node];
            }
            times[run] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
        Debug.Assert(visited == times.Length * Nodes, "every node is visited");
        Array.Sort(times);
        return times[times.Length / 2];
    }
}
