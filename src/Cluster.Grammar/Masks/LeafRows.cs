using System.Runtime.CompilerServices;
using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Masks;

/// <summary>The rows of leaf automata for one vocabulary, built on first use and bounded in bytes (<see cref="SharedAutomata"/>).</summary>
/// <remarks>
/// A language that holds most of the vocabulary (any string but these, say) is built from the row of the free string body: both automata
/// walk the trie side by side, subtrees where they agree are skipped, and only differences are taken out. Bodies of which only the length
/// counts are cuts of that row. Everything else is walked on its own, which is quick because most subtrees die at once.
/// </remarks>
internal sealed class LeafRows
{
    private const int FewMax = 257;

    private static readonly ByteDfa _free = StringLanguage.All.ToDfa(Spelling.Any);

    private readonly Lock _gate = new();
    private readonly TextTrie _whole;
    private readonly int _words;
    private readonly int _deepest;
    private readonly SubtreeBytes _subtrees;

    // The path of the walk in progress; used under the gate.
    private readonly int[] _states, _nodes;
    private readonly int[]?[] _tables;
    private readonly List<int> _ended = [];
    private long[] _endedAt = [];
    private long _stamp;
    private readonly LeafRow _freeRow;
    private readonly LengthRows _lengths;
    private ConditionalWeakTable<ByteDfa, Dictionary<(TextTrie, int Node, int State), LeafRow>> _rows = [];
    private readonly ConditionalWeakTable<ByteDfa, SafeSets> _safeSets = [];
    private long _bytes;

    public LeafRows(TextTrie whole, int vocabularySize, Func<int, ReadOnlySpan<byte>> textOf)
    {
        _whole = whole;
        _words = (vocabularySize + 63) / 64;
        foreach (ushort depth in whole.Depths) _deepest = Math.Max(_deepest, depth);
        (_states, _nodes, _tables) = (new int[_deepest + 1], new int[_deepest + 1], new int[_deepest + 1][]);
        _subtrees = new SubtreeBytes(whole, _free, _deepest);
        _freeRow = Build(_free, _free.Start, whole, 0, true, new Fuel(long.MaxValue));
        _lengths = new LengthRows(_freeRow, textOf, vocabularySize);
    }

    /// <summary>The row of <paramref name="state"/> over the tokens below a node of a trie.</summary>
    /// <param name="moreBytes">To be added to the row's <see cref="LeafRow.MostBytes"/>.</param>
    public LeafRow Get(ByteDfa dfa, int state, TextTrie trie, int node, bool isSelfDelimiting, Fuel fuel, out int moreBytes)
    {
        moreBytes = 0;
        lock (_gate)
        {
            if (isSelfDelimiting && dfa.TryGetFreeText(state, out int min, out int max))
            {
                if (min == 0 && max >= _lengths.Longest) (dfa, state) = (_free, _free.Start);
                if (node == 0 && trie == _whole)
                {
                    moreBytes = min;
                    return _lengths.Get(min, max);
                }
            }
            Dictionary<(TextTrie, int, int), LeafRow> rows = _rows.GetOrCreateValue(dfa);
            if (rows.TryGetValue((trie, node, state), out LeafRow? known)) return known;
            bool isWhole = isSelfDelimiting && node == 0 && trie == _whole;
            if (isWhole && dfa.TryGetUnlimited(state, out ByteDfa unlimited, out int start, out int limit))
            {
                // After any token there is room for all that the unlimited body may need to end.
                LeafRow wider = Get(unlimited, start, trie, node, true, fuel, out moreBytes);
                if (limit >= (long)_deepest + wider.MostBytes + moreBytes) return moreBytes > 0 ? wider : rows[(trie, node, state)] = wider;
                moreBytes = 0;
            }
            LeafRow row = isWhole && _freeRow.Inside is not null && IsWide(dfa, state) ? BuildFromFree(dfa, state, fuel)
                : Build(dfa, state, trie, node, isSelfDelimiting, fuel);
            _bytes += row.Bytes;
            if (_bytes > SharedAutomata.RowBytesMax)
            {
                _rows = [];
                _bytes = row.Bytes;
                rows = _rows.GetOrCreateValue(dfa);
            }
            return rows[(trie, node, state)] = row;
        }
    }

    /// <summary>Whether most ASCII bytes go on from here.</summary>
    private static bool IsWide(ByteDfa dfa, int state)
    {
        if (dfa.Table(state) is not { } row) return false;
        int live = 0;
        for (int value = 0x20; value < 0x80; value++) live += row[value] != ByteDfa.Dead ? 1 : 0;
        return live > 64;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private LeafRow Build(ByteDfa dfa, int state, TextTrie trie, int root, bool isSelfDelimiting, Fuel fuel)
    {
        byte[] bytes = trie.Bytes;
        int[] ends = trie.Ends, starts = trie.Starts, tokens = trie.Tokens;
        ushort[] depths = trie.Depths;
        ulong[]? inside = null;
        var few = new List<int>();
        var exits = new List<int>();
        bool isQuoted = dfa.EndsWithQuote;
        long stamp = BeginWalk();
        int above = depths[root], rootEnd = ends[root];
        int[] states = _states, nodes = _nodes;
        int[]?[] tables = _tables;
        nodes[0] = root;
        states[0] = state;
        tables[0] = dfa.Table(state);
        int count = 0, lastEnded = -1, most = 0;
        long visited = 0;
        SafeSets? safe = isSelfDelimiting && trie == _whole ? SafeSetsOf(dfa) : null;
        for (int node = root + 1; node < rootEnd;)
        {
            visited++;
            int depth = depths[node] - above;
            int before = states[depth - 1];
            int next = tables[depth - 1] is { } table ? table[bytes[node]] : dfa.Next(before, bytes[node]);
            if (next == ByteDfa.Dead)
            {
                // A number ends where something else begins; the vocabulary's root is not listed, since all of its children do.
                bool isEnd = !isSelfDelimiting && (depth > 1 || trie != _whole) && EndsNumber(bytes[node]) && dfa.IsAccepting(before);
                if (isEnd && !exits.Contains(nodes[depth - 1])) exits.Add(nodes[depth - 1]);
                node = ends[node];
                continue;
            }
            if (isSelfDelimiting && (bytes[node] == '"' || !isQuoted) && next != before && dfa.IsAccepting(next))
            {
                exits.Add(node);
                node = ends[node];
                continue;
            }
            states[depth] = next;
            nodes[depth] = node;
            tables[depth] = next == before ? tables[depth - 1] : dfa.Table(next);
            // Where no byte below can lead astray, the whole subtree is inside.
            int after = node + 1;
            if (safe is not null && ends[node] > after)
            {
                ref readonly SafeBytes bytesSafe = ref safe.Of(next);
                if (_subtrees.IsWithin(node, bytesSafe))
                {
                    most = Math.Max(most, bytesSafe.MostBytes);
                    after = ends[node];
                }
            }
            int start = starts[node], end = starts[after];
            if (start != end && next != lastEnded) AddEnded(lastEnded = next, stamp);
            Keep(tokens.AsSpan(start, end - start), few, ref inside);
            count += end - start;
            node = after;
        }
        fuel.TrySpend(visited);
        foreach (int end in _ended) most = Math.Max(most, dfa.ShortestLength(end));
        return new LeafRow(trie, [.. exits])
        {
            Inside = inside,
            Ids = inside is null ? [.. few] : null,
            Count = count,
            MostBytes = most + (safe is null ? 0 : TailBytes),
            IsSelfDelimiting = isSelfDelimiting,
            EndsHere = !isSelfDelimiting && trie == _whole && dfa.IsAccepting(state),
        };
    }

    /// <summary>Adds tokens to a list, which becomes a set when it is long.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Keep(ReadOnlySpan<int> ids, List<int> few, ref ulong[]? inside)
    {
        foreach (int id in ids)
        {
            if (inside is not null) inside[id >> 6] |= 1UL << (id & 63);
            else if (few.Count < FewMax - 1) few.Add(id);
            else (inside = Bits(few))[id >> 6] |= 1UL << (id & 63);
        }
    }

    /// <summary>Forgets the states in which tokens ended; the stamp of those to come.</summary>
    private long BeginWalk()
    {
        _ended.Clear();
        return ++_stamp;
    }

    /// <summary>Notes that some token ends in a state, once in a walk.</summary>
    private void AddEnded(int state, long stamp)
    {
        if (state >= _endedAt.Length) Array.Resize(ref _endedAt, Math.Max(64, 2 * state));
        if (_endedAt[state] == stamp) return;
        _endedAt[state] = stamp;
        _ended.Add(state);
    }

    private static bool EndsNumber(byte value)
        => value is (byte)',' or (byte)'}' or (byte)']' or (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';

    private ulong[] Bits(IEnumerable<int> ids)
    {
        var bits = new ulong[_words];
        foreach (int id in ids) bits[id >> 6] |= 1UL << (id & 63);
        return bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private LeafRow BuildFromFree(ByteDfa dfa, int state, Fuel fuel)
    {
        byte[] bytes = _whole.Bytes;
        int[] ends = _whole.Ends, starts = _whole.Starts;
        ushort[] depths = _whole.Depths;
        ulong[] inside = _freeRow.Inside!;
        var gone = new List<int>();
        int[] states = _states;
        int[]?[] tables = _tables;
        states[0] = state;
        tables[0] = dfa.Table(state);
        int most = TailBytes, lastEnded = -1, free = -1, asked = state;
        long visited = 0;
        int count = _freeRow.Count;
        bool isQuoted = dfa.EndsWithQuote;
        long stamp = BeginWalk();
        SafeSets safe = SafeSetsOf(dfa);
        for (int node = 1; node < bytes.Length;)
        {
            visited++;
            int depth = depths[node];
            int before = states[depth - 1], next = tables[depth - 1]![bytes[node]];
            // Where anything may follow, both automata agree on all that does.
            if (next == free)
            {
                node = ends[node];
                continue;
            }
            if (next == ByteDfa.Dead)
            {
                count -= TakeOut(node, ref inside, gone);
                node = ends[node];
                continue;
            }
            if ((bytes[node] == '"' || !isQuoted) && next != before && dfa.IsAccepting(next))
            {
                node = ends[node];
                continue;
            }
            if (free < 0 && next != before && next != asked && IsFree(dfa, asked = next))
            {
                free = next;
                most = Math.Max(most, TailBytes + dfa.ShortestLength(next));
                node = ends[node];
                continue;
            }
            states[depth] = next;
            tables[depth] = next == before ? tables[depth - 1] : dfa.Table(next);
            if (next != lastEnded && starts[node] != starts[node + 1])
            {
                if (_endedAt.Length <= next || _endedAt[next] != stamp) most = Math.Max(most, TailBytes + dfa.ShortestLength(next));
                AddEnded(lastEnded = next, stamp);
            }
            int after = node + 1;
            if (ends[node] > after)
            {
                ref readonly SafeBytes bytesSafe = ref safe.Of(next);
                if (_subtrees.IsWithin(node, bytesSafe))
                {
                    most = Math.Max(most, TailBytes + bytesSafe.MostBytes);
                    after = ends[node];
                }
            }
            node = after;
        }
        fuel.TrySpend(visited);
        return CutOut(inside, count, most, gone);
    }

    /// <summary>The free row without some exits, and with what is left inside.</summary>
    private LeafRow CutOut(ulong[] inside, int count, int most, List<int> gone)
    {
        int[] exits = gone.Count == 0 ? _freeRow.Exits : Without(_freeRow.Exits, gone);
        return new LeafRow(_whole, exits, gone.Count <= exits.Length ? _freeRow : null, gone.Count == 0 ? null : [.. gone])
        {
            Inside = inside,
            Count = count,
            MostBytes = most,
        };
    }

    private static bool IsFree(ByteDfa dfa, int state) => dfa.TryGetFreeText(state, out int min, out int max) && min == 0 && max == int.MaxValue;

    /// <summary>An ascending list without some of its entries, ascending too.</summary>
    private static int[] Without(int[] from, List<int> gone)
    {
        var left = new int[from.Length - gone.Count];
        int read = 0, written = 0;
        foreach (int entry in gone)
        {
            int at = Array.BinarySearch(from, read, from.Length - read, entry);
            Array.Copy(from, read, left, written, at - read);
            written += at - read;
            read = at + 1;
        }
        Array.Copy(from, read, left, written, from.Length - read);
        return left;
    }

    // An unfinished character or escape, and the closing quote.
    private const int TailBytes = 12;

    /// <summary>Takes out the tokens at and below a node that the free body reaches and the other does not; notes the exits there.</summary>
    private int TakeOut(int from, ref ulong[] inside, List<int> gone)
    {
        int count = 0;
        foreach (int id in _whole.TokensBelow(from))
        {
            ulong bit = 1UL << (id & 63);
            if ((inside[id >> 6] & bit) == 0) continue;
            if (count++ == 0 && inside == _freeRow.Inside) inside = (ulong[])inside.Clone();
            inside[id >> 6] &= ~bit;
        }
        int[] exits = _freeRow.Exits;
        int first = Array.BinarySearch(exits, from);
        for (int i = first < 0 ? ~first : first; i < exits.Length && exits[i] < _whole.Ends[from]; i++) gone.Add(exits[i]);
        return count;
    }

    private SafeSets SafeSetsOf(ByteDfa dfa) => _safeSets.GetValue(dfa, static x => new SafeSets(x));

    /// <summary>The safe bytes of one automaton's states, as far as walks have met them.</summary>
    private sealed class SafeSets(ByteDfa dfa)
    {
        private SafeBytes[] _sets = [];
        private bool[] _isKnown = [];

        public ref readonly SafeBytes Of(int state)
        {
            if (state >= _sets.Length)
            {
                Array.Resize(ref _sets, Math.Max(16, 2 * state));
                Array.Resize(ref _isKnown, _sets.Length);
            }
            if (!_isKnown[state]) (_sets[state], _isKnown[state]) = (dfa.SafeFrom(state), true);
            return ref _sets[state];
        }
    }
}
