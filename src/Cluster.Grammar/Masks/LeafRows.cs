using System.Runtime.CompilerServices;
using Cluster.Grammar.Automata;
using Cluster.Tokenization;

namespace Cluster.Grammar.Masks;

/// <summary>The rows of leaf automata for one vocabulary, built on first use and bounded in bytes.</summary>
/// <remarks>
/// A language that holds most of the vocabulary (any key but these, any string of at most 200 characters) is built from the row of the free
/// string body: both automata walk the trie side by side, subtrees where they agree are skipped, and only differences are taken out.
/// Everything else is walked on its own, which is quick because most subtrees die at once.
/// </remarks>
internal sealed class LeafRows(TokenTrie trie)
{
    private const long BytesMax = 256L << 20;

    private const int FewMax = 257;

    private static readonly ByteDfa _free = StringLanguage.All.ToDfa(Spelling.Any);

    private readonly Lock _gate = new();
    private ConditionalWeakTable<ByteDfa, Dictionary<int, LeafRow>> _rows = [];
    private LeafRow? _freeRow;
    private long _bytes;

    public LeafRow Get(ByteDfa dfa, int state, bool isSelfDelimiting, Fuel fuel)
    {
        lock (_gate)
        {
            Dictionary<int, LeafRow> rows = _rows.GetOrCreateValue(dfa);
            if (rows.TryGetValue(state, out LeafRow? known)) return known;
            LeafRow row = isSelfDelimiting && dfa is not Structure.NameDfa && IsWide(dfa, state) ? BuildFromFree(dfa, state, fuel)
                : Build(dfa, state, isSelfDelimiting, fuel);
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

    /// <summary>Whether most ASCII bytes go on from here.</summary>
    private static bool IsWide(ByteDfa dfa, int state)
    {
        if (dfa == _free && state == _free.Start) return true;
        int live = 0;
        ReadOnlySpan<int> row = dfa.Row(state);
        for (int value = 0x20; value < 0x80; value++) live += row[value] != ByteDfa.Dead ? 1 : 0;
        return live > 64;
    }

    private LeafRow Build(ByteDfa dfa, int state, bool isSelfDelimiting, Fuel fuel)
    {
        ReadOnlySpan<byte> bytes = trie.Bytes;
        ReadOnlySpan<int> ends = trie.Ends;
        ReadOnlySpan<int> starts = trie.TokenStarts;
        ReadOnlySpan<ushort> depths = trie.Depths;
        ulong[]? inside = null;
        var few = new List<int>();
        var exits = new Dictionary<int, List<int>>();
        var ended = new HashSet<int>();
        var states = new int[trie.DepthMax + 1];
        states[0] = state;
        int count = 0, lastEnded = -1;
        long visited = 0;
        if (!isSelfDelimiting && dfa.IsAccepting(state)) exits[0] = [0];
        for (int node = 1; node < bytes.Length;)
        {
            visited++;
            int depth = depths[node];
            int next = dfa.Next(states[depth - 1], bytes[node]);
            if (next == ByteDfa.Dead)
            {
                node = ends[node];
                continue;
            }
            bool isEnd = dfa.IsAccepting(next);
            if (isEnd)
            {
                int label = dfa.LiteralAt(next) >= 0 ? next : 0;
                if (!exits.TryGetValue(label, out List<int>? nodes)) exits[label] = nodes = [];
                nodes.Add(node);
                if (isSelfDelimiting)
                {
                    node = ends[node];
                    continue;
                }
            }
            states[depth] = next;
            int start = starts[node], end = starts[node + 1];
            if (start != end && next != lastEnded) ended.Add(lastEnded = next);
            for (; start < end; start++)
            {
                int id = trie.TokensInOrder[start];
                count++;
                if (count == FewMax) inside = Bits(few);
                if (inside is null) few.Add(id);
                else inside[id >> 6] |= 1UL << (id & 63);
            }
            node++;
        }
        fuel.TrySpend(visited);
        int most = 0;
        foreach (int end in ended) most = Math.Max(most, dfa.ShortestCompletion(end).Length);
        Func<byte, bool>? isWanted = isSelfDelimiting ? null : static x => x is (byte)',' or (byte)'}' or (byte)']' or (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';
        return new LeafRow(inside, inside is null ? [.. few] : null, count, most, [.. exits.Select(x => new LeafExit(x.Key, Remainders.Of(trie, x.Value, isWanted), null))]);
    }

    private ulong[] Bits(IEnumerable<int> ids)
    {
        var bits = new ulong[(trie.Vocabulary.Size + 63) / 64];
        foreach (int id in ids) bits[id >> 6] |= 1UL << (id & 63);
        return bits;
    }

    private LeafRow BuildFromFree(ByteDfa dfa, int state, Fuel fuel)
    {
        LeafRow free = _freeRow ??= Build(_free, _free.Start, true, fuel);
        if (dfa == _free && state == _free.Start || IsFree(dfa, state)) return free;
        var inside = (ulong[])(free.Inside ?? Bits(free.Ids!)).Clone();
        var excluded = new HashSet<int>();
        var same = new HashSet<int>();
        ReadOnlySpan<byte> bytes = trie.Bytes;
        ReadOnlySpan<int> ends = trie.Ends;
        ReadOnlySpan<int> starts = trie.TokenStarts;
        ReadOnlySpan<ushort> depths = trie.Depths;
        var states = new (int Mine, int Free)[trie.DepthMax + 1];
        states[0] = (state, _free.Start);
        int most = 1;
        long visited = 0;
        int count = free.InsideCount;
        for (int node = 1; node < bytes.Length;)
        {
            visited++;
            int depth = depths[node];
            int next = dfa.Next(states[depth - 1].Mine, bytes[node]);
            int freeNext = _free.Next(states[depth - 1].Free, bytes[node]);
            if (next == ByteDfa.Dead)
            {
                for (int i = starts[node]; freeNext != ByteDfa.Dead && i < starts[ends[node]]; i++)
                {
                    int id = trie.TokensInOrder[i];
                    ulong bit = 1UL << (id & 63);
                    if ((inside[id >> 6] & bit) != 0) count--;
                    else excluded.Add(id);
                    inside[id >> 6] &= ~bit;
                }
                node = ends[node];
            }
            else if (dfa.IsAccepting(next) || same.Contains(next) || IsSame(dfa, next, same))
            {
                node = ends[node];
            }
            else
            {
                states[depth] = (next, freeNext);
                if (starts[node] != starts[node + 1]) most = Math.Max(most, dfa.ShortestCompletion(next).Length);
                node++;
            }
        }
        fuel.TrySpend(visited);
        return new LeafRow(inside, null, count, most, [.. free.Exits.Select(x => x with { Excluded = excluded })]);
    }

    /// <summary>Between two characters of a body that no token can be too long for.</summary>
    private bool IsFree(ByteDfa dfa, int state) => dfa.TryGetFreeText(state, out int min, out int max) && min == 0 && max >= trie.DepthMax;

    private bool IsSame(ByteDfa dfa, int state, HashSet<int> same)
    {
        if (!IsFree(dfa, state)) return false;
        dfa.TryGetFreeText(state, out _, out int max);
        if (max < int.MaxValue / 4) return true;
        // A wholly free body: whatever it leads to (the middle of a character, of an escape) is as in the free automaton.
        var open = new Stack<int>();
        open.Push(state);
        while (open.TryPop(out int next))
        {
            if (next == ByteDfa.Dead || !same.Add(next) || same.Count > 256) continue;
            foreach (int after in dfa.Row(next)) open.Push(after);
        }
        return true;
    }
}
