using System.Runtime.CompilerServices;
using Cluster.Grammar.Automata;
using Cluster.Tokenization;

namespace Cluster.Grammar.Masks;

/// <summary>The rows of leaf automata for one vocabulary, built on first use and bounded in bytes.</summary>
internal sealed class LeafRows(TokenTrie trie)
{
    private const long BytesMax = 256L << 20;

    private readonly Lock _gate = new();
    private ConditionalWeakTable<ByteDfa, Dictionary<int, LeafRow>> _rows = [];
    private long _bytes;

    /// <summary>The row of a state; null when it takes more trie nodes than <paramref name="fuel"/> has operations left.</summary>
    public LeafRow? Get(ByteDfa dfa, int state, bool isSelfDelimiting, Fuel fuel)
    {
        lock (_gate)
        {
            Dictionary<int, LeafRow> rows = _rows.GetOrCreateValue(dfa);
            if (rows.TryGetValue(state, out LeafRow? known)) return known;
            LeafRow row = Build(dfa, state, isSelfDelimiting, fuel);
            if (fuel.IsSpent) return null;
            _bytes += row.Bytes;
            if (_bytes > BytesMax)
            {
                _rows = [];
                _bytes = row.Bytes;
                rows = _rows.GetOrCreateValue(dfa);
            }
            return rows[state] = row;
        }
    }

    private LeafRow Build(ByteDfa dfa, int state, bool isSelfDelimiting, Fuel fuel)
    {
        ReadOnlySpan<byte> bytes = trie.Bytes;
        ReadOnlySpan<int> ends = trie.Ends;
        ReadOnlySpan<int> starts = trie.TokenStarts;
        ReadOnlySpan<ushort> depths = trie.Depths;
        ReadOnlySpan<int> tokens = trie.TokensInOrder;
        var inside = new ulong[(trie.Vocabulary.Size + 63) / 64];
        var exits = new List<(int, int)>();
        var ended = new HashSet<int>();
        var states = new int[trie.DepthMax + 1];
        states[0] = state;
        int count = 0;
        int lastEnded = -1;
        if (!isSelfDelimiting && dfa.IsAccepting(state)) exits.Add((0, state));
        for (int node = 1; node < bytes.Length;)
        {
            int depth = depths[node];
            int next = dfa.Next(states[depth - 1], bytes[node]);
            if (next == ByteDfa.Dead)
            {
                node = ends[node];
                continue;
            }
            states[depth] = next;
            int start = starts[node], end = starts[node + 1];
            if (start != end)
            {
                if (next != lastEnded) ended.Add(lastEnded = next);
                for (; start < end; start++)
                {
                    int id = tokens[start];
                    inside[id >> 6] |= 1UL << (id & 63);
                    count++;
                }
            }
            bool isEnd = dfa.IsAccepting(next);
            if (isEnd && ends[node] > node + 1) exits.Add((node, next));
            node = isEnd && isSelfDelimiting ? ends[node] : node + 1;
        }
        fuel.TrySpend(bytes.Length / 8);
        int most = 0;
        foreach (int end in ended) most = Math.Max(most, dfa.ShortestCompletion(end).Length);
        return new LeafRow(inside, count, most, [.. exits]);
    }
}
