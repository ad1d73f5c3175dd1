using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Cluster.Grammar.Automata;
using Cluster.Grammar.Masks;
using Cluster.Grammar.Structure;
using Cluster.Tokenization;

namespace Cluster.Grammar.Rules;

/// <summary>Masks of a context-free grammar over one vocabulary: one walk of the trie per set, along successors that are look-ups once known.</summary>
internal sealed class RuleEngine : MatchEngine
{
    private const long MaskBytesMax = 64L << 20;

    /// <summary>Completions longer than this count as one token a byte.</summary>
    private const int CountedMax = 4_096;

    private readonly RuleMachine _machine;
    private readonly TokenTrie _trie;
    private readonly long _maskFuel;
    private readonly bool _hasAllBytes;
    private readonly RuleSet[] _path;
    private readonly ConcurrentDictionary<RuleSet, Entry> _masks = [];
    private readonly ConcurrentDictionary<RuleSet, int> _bounds = [];
    private long _maskBytes;

    public RuleEngine(RuleMachine machine, Vocabulary vocabulary, GrammarOptions options)
    {
        _machine = machine;
        _trie = MaskEngine.TrieOf(vocabulary);
        _maskFuel = options.MaskFuel;
        _hasAllBytes = Enumerable.Range(0, 256).All(x => _trie.FewestTokens([(byte)x]) == 1);
        _path = new RuleSet[_trie.DepthMax + 1];
    }

    /// <param name="Mask">The tokens, whatever the budget.</param>
    /// <param name="Groups">The same by where they lead.</param>
    /// <param name="MostAfter">After none of them more tokens than this are needed.</param>
    private sealed record Entry(TokenMask Mask, (RuleSet After, int[] Ids)[] Groups, long MostAfter)
    {
        public long Bytes => Mask.Bits.Length * 8L + Groups.Sum(static x => 48 + x.Ids.Length * 4L) + 96;
    }

    public override Vocabulary Vocabulary => _trie.Vocabulary;

    public override Cursor Start() => new() { At = _machine.Start };

    public override bool IsComplete(in Cursor cursor) => SetOf(cursor).IsComplete;

    public override int TokensToComplete(in Cursor cursor) => BoundOf(SetOf(cursor));

    public override bool Step(ref Cursor cursor, byte value, ReadOnlySpan<byte> token, int index)
    {
        RuleSet next = _machine.Next(SetOf(cursor), value);
        cursor.At = next;
        return next != RuleSet.Dead;
    }

    public override TokenMask MaskOf(in Cursor cursor, int tokensLeft)
    {
        Entry entry = EntryOf(SetOf(cursor));
        if (tokensLeft == int.MaxValue || entry.MostAfter <= tokensLeft - 1 || entry.Mask.IsNarrowed) return entry.Mask;
        var ids = new List<int>();
        foreach ((RuleSet after, int[] group) in entry.Groups)
        {
            if ((_hasAllBytes && after.Cost <= tokensLeft - 1) || BoundOf(after) <= tokensLeft - 1) ids.AddRange(group);
        }
        if (SetOf(cursor).IsComplete) ids.AddRange(Vocabulary.EndIds);
        return ids.Count == 0 ? entry.Mask : TokenMask.Of(ids, Vocabulary.Size);
    }

    public override long MostTokensAfter(in Cursor cursor) => EntryOf(SetOf(cursor)).MostAfter;

    private static RuleSet SetOf(in Cursor cursor) => Unsafe.As<RuleSet>(cursor.At);

    private Entry EntryOf(RuleSet set)
    {
        if (_masks.TryGetValue(set, out Entry? known)) return known;
        Entry entry;
        lock (_machine.Gate)
        {
            if (_masks.TryGetValue(set, out known)) return known;
            try
            {
                _machine.Fuel = new Fuel(_maskFuel);
                entry = Build(set);
            }
            catch (FuelSpentException)
            {
                _machine.Fuel = new Fuel(long.MaxValue);
                entry = AlongWitness(set);
            }
            finally
            {
                _machine.Fuel = new Fuel(long.MaxValue);
            }
        }
        if (Interlocked.Add(ref _maskBytes, entry.Bytes) > MaskBytesMax)
        {
            _masks.Clear();
            _bounds.Clear();
            Interlocked.Exchange(ref _maskBytes, entry.Bytes);
        }
        return _masks[set] = entry;
    }

    private Entry Build(RuleSet set)
    {
        ReadOnlySpan<byte> bytes = _trie.Bytes;
        ReadOnlySpan<int> ends = _trie.Ends;
        ReadOnlySpan<int> starts = _trie.TokenStarts;
        ReadOnlySpan<ushort> depths = _trie.Depths;
        var groups = new Dictionary<RuleSet, List<int>>();
        RuleSet? last = null;
        List<int>? ids = null;
        long visited = 0;
        _path[0] = set;
        for (int node = 1; node < bytes.Length;)
        {
            visited++;
            int depth = depths[node];
            RuleSet next = _machine.Next(_path[depth - 1], bytes[node]);
            if (next == RuleSet.Dead)
            {
                node = ends[node];
                continue;
            }
            _path[depth] = next;
            int start = starts[node], end = starts[node + 1];
            if (start < end)
            {
                if (next != last && !groups.TryGetValue(last = next, out ids)) groups[next] = ids = [];
                for (; start < end; start++) ids!.Add(_trie.TokensInOrder[start]);
            }
            node++;
        }
        if (!_machine.Fuel.TrySpend(visited)) throw new FuelSpentException();
        List<int> all = [.. groups.Values.SelectMany(static x => x)];
        if (set.IsComplete) all.AddRange(Vocabulary.EndIds);
        long most = !_hasAllBytes ? long.MaxValue / 4 : groups.Keys.Select(static x => x.Cost).DefaultIfEmpty(0).Max();
        return new Entry(TokenMask.Of(all, Vocabulary.Size), [.. groups.Select(static x => (x.Key, x.Value.ToArray()))], most);
    }

    /// <summary>The tokens that the cheapest completion begins with.</summary>
    private Entry AlongWitness(RuleSet set)
    {
        var text = new List<byte>();
        for (RuleSet at = set; !at.IsComplete && text.Count < _trie.DepthMax; at = _machine.Next(at, text[^1])) text.Add(_machine.CheapestByte(at));
        return new Entry(AlongWitness(_trie, [.. text], set.IsComplete), [], 0);
    }

    /// <summary>Tokens of the cheapest completion. It is read off the sets one byte at a time, so that the rest of a completion is the
    /// completion of where it leads, and a bound falls by one with each of its tokens.</summary>
    private int BoundOf(RuleSet set)
    {
        if (set.IsComplete) return 0;
        if (set.Cost > CountedMax) return (int)Math.Min(set.Cost, int.MaxValue - 1);
        if (_bounds.TryGetValue(set, out int known)) return known;
        var text = new List<byte>();
        for (RuleSet at = set; !at.IsComplete; at = _machine.Next(at, text[^1])) text.Add(_machine.CheapestByte(at));
        int fewest = _trie.FewestTokens([.. text]);
        return _bounds[set] = fewest < 0 ? int.MaxValue : fewest;
    }
}
