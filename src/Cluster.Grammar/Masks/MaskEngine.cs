using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cluster.Grammar.Automata;
using Cluster.Grammar.Structure;
using Cluster.Tokenization;

namespace Cluster.Grammar.Masks;

/// <summary>
/// Masks of one machine over one vocabulary. Known masks are found without a lock; unknown ones are built one at a time, under the
/// machine's gate and with the fuel of one mask.
/// </summary>
internal sealed class MaskEngine
{
    private const int ListMax = 256;

    private const int ForcedMax = 4096;

    private static readonly ConditionalWeakTable<Vocabulary, SharedVocabulary> _shared = [];

    private readonly Machine _machine;
    private readonly SharedVocabulary _vocabulary;
    private readonly Cursor[] _cursors;

    public MaskEngine(Machine machine, Vocabulary vocabulary)
    {
        _machine = machine;
        _vocabulary = _shared.GetValue(vocabulary, static x => new SharedVocabulary(x));
        _cursors = new Cursor[_vocabulary.Trie.DepthMax + 1];
        Witness = new WitnessWriter(machine);
    }

    public Machine Machine => _machine;

    public TokenTrie Trie => _vocabulary.Trie;

    public Vocabulary Vocabulary => _vocabulary.Trie.Vocabulary;

    public WitnessWriter Witness { get; }

    /// <summary>The trie of a vocabulary, made once per process.</summary>
    public static TokenTrie TrieOf(Vocabulary vocabulary) => _shared.GetValue(vocabulary, static x => new SharedVocabulary(x)).Trie;

    /// <summary>Tokens allowed at <paramref name="cursor"/> within <paramref name="tokensLeft"/>.</summary>
    public TokenMask MaskOf(in Cursor cursor, int tokensLeft)
    {
        MaskEntry entry = EntryOf(cursor);
        if (tokensLeft == int.MaxValue) return entry.Mask;
        Frame? below = cursor.Stack;
        for (int i = 0; i < entry.Frames && below is not null; i++) below = below.Parent;
        long most = (entry.MostBytes + (long)(below?.MostClose ?? 0)) * (cursor.Spacing == Spacing.Compact ? 1 : 2);
        return most <= tokensLeft - 1 ? entry.Mask : Narrow(cursor, entry.Mask, tokensLeft);
    }

    /// <summary>Fewest tokens of the witness from <paramref name="cursor"/>; a bound that is never too low.</summary>
    public int TokensToComplete(in Cursor cursor)
    {
        lock (_machine.Gate)
        {
            byte[] text = Witness.Write(cursor);
            int fewest = Trie.FewestTokens(text);
            return fewest < 0 ? int.MaxValue : fewest;
        }
    }

    private MaskEntry EntryOf(in Cursor cursor)
    {
        ref MaskTable? table = ref TableOf(cursor);
        MaskTable masks = Volatile.Read(ref table) ?? Interlocked.CompareExchange(ref table, new MaskTable(), null) ?? table!;
        int depth = cursor.Stack?.Depth ?? 0;
        int nearCap = depth + Trie.DepthMax >= _machine.Options.DepthMax ? depth : 0;
        var key = new MaskKey(this, cursor.State, cursor.Gap, cursor.Phase, cursor.Spacing, nearCap);
        if (masks.Nodes.TryGetValue(key, out MaskNode? node))
        {
            Frame? frame = cursor.Stack;
            while (node is not null && node.Entry is null)
            {
                node = node.Find(frame);
                frame = frame?.Parent;
            }
            if (node is not null) return node.Entry!;
        }
        return Add(cursor, masks, key);
    }

    private MaskEntry Add(in Cursor cursor, MaskTable masks, MaskKey key)
    {
        lock (_machine.Gate)
        {
            MaskEntry entry;
            try
            {
                entry = Build(cursor, out bool isTextual);
                if (isTextual) return entry;
            }
            catch (FuelSpentException)
            {
                return new MaskEntry(AlongWitness(cursor), 0, 0);
            }
            finally
            {
                _machine.Fuel = new Fuel(long.MaxValue);
            }
            MaskNode node = masks.Nodes.GetOrAdd(key, static _ => new MaskNode());
            Frame? frame = cursor.Stack;
            for (int i = 0; i < entry.Frames; i++)
            {
                node = node.Below(frame);
                frame = frame?.Parent;
            }
            node.Entry = entry;
            return entry;
        }
    }

    /// <summary>The tokens that the witness begins with: what is allowed when finding out more would cost too much. Valid, and marked.</summary>
    private TokenMask AlongWitness(in Cursor cursor)
    {
        _machine.Fuel = new Fuel(long.MaxValue);
        byte[] text = Witness.Write(cursor);
        var ids = new List<int>();
        int node = 0;
        foreach (byte value in text)
        {
            node = Trie.ChildOf(node, value);
            if (node == 0) break;
            ids.AddRange(Trie.TokensAt(node));
        }
        if (_machine.Stepper.IsComplete(cursor)) ids.AddRange(Vocabulary.EndIds);
        ids.Sort();
        return TokenMask.FromIds([.. ids], isNarrowed: true);
    }

    private static ref MaskTable? TableOf(in Cursor cursor)
    {
        switch (cursor.Phase)
        {
            case Phase.Value or Phase.Colon: return ref Unsafe.As<Slot>(cursor.At).Masks;
            case Phase.Scalar: return ref Unsafe.As<ValueLeaf>(cursor.At).Masks;
            case Phase.Key: return ref Unsafe.As<KeyLeaf>(cursor.At).Masks;
            default: return ref Unsafe.As<Level>(cursor.At).Masks;
        }
    }

    /// <summary>
    /// Inside a leaf, each live part's row gives the tokens that stay in it, and what follows those that end it is walked from the cursor
    /// after it: a choice of several languages allows what any of them allows. Anywhere else the trie is walked from its root.
    /// </summary>
    /// <param name="isTextual">The mask depends on the text of an unfinished key or item, which no state holds: it is not kept.</param>
    private MaskEntry Build(in Cursor cursor, out bool isTextual)
    {
        _machine.Fuel = new Fuel(_machine.Options.MaskFuel);
        var walk = new MaskWalk(_machine, Trie, _cursors, cursor.Stack?.Depth ?? 0);
        LeafAutomaton? leaf = cursor.Phase switch
        {
            Phase.Scalar => Unsafe.As<ValueLeaf>(cursor.At).Automaton,
            Phase.Key => Unsafe.As<KeyLeaf>(cursor.At).Automaton,
            _ => null,
        };
        ulong[]? inside = null;
        bool isShared = true;
        int insideCount = 0;
        var taken = new HashSet<int>(); // tokens that end a literal key: they end no other
        if (leaf is null) walk.Whole(cursor);
        for (int part = 0; part < (leaf?.PartCount ?? 0); part++)
        {
            int state = leaf!.StateOf(cursor.State, part);
            if (state == ByteDfa.Dead) continue;
            LeafRow row = _vocabulary.Rows.Get(leaf.PartAt(part), state, leaf.IsSelfDelimiting, _machine.Fuel);
            insideCount += row.InsideCount;
            if (row.Ids is not null)
            {
                walk.Ids.AddRange(row.Ids);
            }
            else if (inside is null)
            {
                inside = row.Inside;
            }
            else
            {
                if (isShared) inside = (ulong[])inside.Clone();
                isShared = false;
                for (int word = 0; word < inside.Length; word++) inside[word] |= row.Inside![word];
            }
            if (cursor.Phase == Phase.Key && part < Unsafe.As<KeyLeaf>(cursor.At).Literals.Length)
            {
                foreach (LeafExit exit in row.Exits) taken.UnionWith(exit.Remainders.Tokens);
            }
            walk.Need(row.MostBytes + walk.UpperAfterLeaf(cursor));
            AddExits(cursor, part, row, walk, taken);
        }
        if (_machine.Stepper.IsComplete(cursor)) walk.Ids.AddRange(Vocabulary.EndIds);
        isTextual = walk.IsTextual || cursor.Captured is not null;
        int frames = (cursor.Stack?.Depth ?? 0) - walk.DepthLeast;
        Frame? below = cursor.Stack;
        for (int i = 0; i < frames; i++) below = below!.Parent;
        return new MaskEntry(ToMask(inside, isShared, insideCount, walk.Ids), Math.Max(0, walk.MostBytes - (below?.MostClose ?? 0)), frames);
    }

    private void AddExits(in Cursor cursor, int part, LeafRow row, MaskWalk walk, HashSet<int> taken)
    {
        foreach (LeafExit exit in row.Exits)
        {
            if (cursor.Phase == Phase.Scalar)
            {
                HashSet<int>? left = exit.Excluded;
                if (cursor.Captured is not null) left = TryEach(cursor, exit.Remainders.Several, left, walk);
                walk.After(Stepper.AfterValue(cursor, part), exit.Remainders, left);
                continue;
            }
            var keys = Unsafe.As<KeyLeaf>(cursor.At);
            if (part < keys.Literals.Length)
            {
                if (keys.SlotOf(part) is { } slot) walk.After(Stepper.AfterKey(cursor, slot), exit.Remainders, exit.Excluded);
                continue;
            }
            HashSet<int>? excluded = exit.Excluded is null ? taken : taken.Count == 0 ? exit.Excluded : [.. exit.Excluded, .. taken];
            excluded = TryEach(cursor, cursor.Captured is null ? exit.Remainders.Intricate : exit.Remainders.Several, excluded, walk);
            walk.After(Stepper.AfterKey(cursor, keys.Classes[part - keys.Literals.Length].Anonymous), exit.Remainders, excluded);
        }
    }

    /// <summary>Tries tokens one by one that depend on a whole key or item; adds them to those that the walk is to leave out.</summary>
    private HashSet<int>? TryEach(in Cursor cursor, int[] ids, HashSet<int>? excluded, MaskWalk walk)
    {
        if (ids.Length == 0) return excluded;
        walk.IsTextual = true;
        foreach (int id in ids)
        {
            Cursor whole = cursor;
            if (excluded?.Contains(id) != true && TryRead(ref whole, Vocabulary.BytesOf(id))) walk.Take(whole, id);
        }
        return excluded is null ? [.. ids] : [.. excluded, .. ids];
    }

    private TokenMask ToMask(ulong[]? inside, bool isShared, int insideCount, List<int> ids)
    {
        if (inside is null) return ToMask(ids);
        if (insideCount + ids.Count > ListMax)
        {
            ulong[] bits = ids.Count > 0 && isShared ? (ulong[])inside.Clone() : inside;
            foreach (int id in ids) bits[id >> 6] |= 1UL << (id & 63);
            return TokenMask.FromBits(bits);
        }
        for (int word = 0; word < inside.Length; word++)
        {
            for (ulong left = inside[word]; left != 0; left &= left - 1)
            {
                ids.Add(word << 6 | System.Numerics.BitOperations.TrailingZeroCount(left));
            }
        }
        return ToMask(ids);
    }

    private TokenMask ToMask(List<int> ids)
    {
        if (ids.Count > ListMax)
        {
            var bits = new ulong[(Vocabulary.Size + 63) / 64];
            foreach (int id in ids) bits[id >> 6] |= 1UL << (id & 63);
            return TokenMask.FromBits(bits);
        }
        return TokenMask.FromIds([.. ids.Distinct().Order()]);
    }

    /// <summary>The tokens of a mask after which the witness still fits. Near the end of a budget only.</summary>
    private TokenMask Narrow(in Cursor cursor, TokenMask mask, int tokensLeft)
    {
        lock (_machine.Gate)
        {
            var fitting = new List<int>();
            var known = new Dictionary<(object, int, Frame?, short, Phase, Spacing), int>();
            if (mask.IsList)
            {
                foreach (int id in mask.Ids) Try(id, cursor);
            }
            else
            {
                for (int word = 0; word < mask.Bits.Length; word++)
                {
                    for (ulong left = mask.Bits[word]; left != 0; left &= left - 1)
                    {
                        Try(word << 6 | System.Numerics.BitOperations.TrailingZeroCount(left), cursor);
                    }
                }
            }
            return fitting.Count == 0 ? mask : ToMask(fitting);

            void Try(int id, Cursor next)
            {
                if (Vocabulary.IsSpecial(id)) fitting.Add(id);
                else if (TryRead(ref next, Vocabulary.BytesOf(id), needsKeys: false) && TokensAfter(next) <= tokensLeft - 1) fitting.Add(id);
            }

            int TokensAfter(in Cursor next)
            {
                // Where a key stands matters to its bound only as long as it may still become a literal.
                bool isShared = next.Phase != Phase.Key
                    || Unsafe.As<KeyLeaf>(next.At) is { } keys && keys.Automaton.TryGetSingle(next.State, out int part, out _)
                    && part >= keys.Literals.Length;
                (object, int, Frame?, short, Phase, Spacing) key = (next.At, next.State, next.Stack, next.Gap, next.Phase, next.Spacing);
                if (isShared && known.TryGetValue(key, out int tokens)) return tokens;
                tokens = TokensToComplete(next);
                if (isShared) known[key] = tokens;
                return tokens;
            }
        }
    }

    /// <summary>Reads a token; false when it is not allowed.</summary>
    public bool TryRead(ref Cursor cursor, ReadOnlySpan<byte> token, bool needsKeys = true)
    {
        for (int i = 0; i < token.Length; i++)
        {
            if (!_machine.Stepper.Step(ref cursor, token[i], token, i, needsKeys)) return false;
        }
        if (cursor.Phase == Phase.Key)
        {
            cursor.Key = new KeyText(cursor.Key, token[cursor.KeyStart..].ToArray());
        }
        cursor.KeyStart = 0;
        if (cursor.Captured is not null) cursor.Captured = Capture.Commit(cursor.Captured, token);
        return true;
    }

    /// <summary>The bytes that every continuation begins with: as long as exactly one byte is possible and the document may not end.</summary>
    public ReadOnlyMemory<byte> ForcedBytesOf(Cursor cursor)
    {
        var forced = new List<byte>();
        while (forced.Count < ForcedMax && !_machine.Stepper.IsComplete(cursor))
        {
            int only = -1;
            Cursor after = default;
            for (int value = 0; value < 256 && only > -2; value++)
            {
                Cursor next = cursor;
                forced.Add((byte)value);
                bool isAllowed = _machine.Stepper.Step(ref next, (byte)value, CollectionsMarshal.AsSpan(forced), forced.Count - 1, needsKeys: true);
                forced.RemoveAt(forced.Count - 1);
                if (!isAllowed) continue;
                (only, after) = only == -1 ? (value, next) : (-2, after);
            }
            if (only < 0) break;
            forced.Add((byte)only);
            cursor = after;
        }
        return forced.Count == 0 ? default : forced.ToArray();
    }

    private sealed class SharedVocabulary
    {
        public SharedVocabulary(Vocabulary vocabulary)
        {
            Trie = new TokenTrie(vocabulary);
            Rows = new LeafRows(Trie);
        }

        public TokenTrie Trie { get; }

        public LeafRows Rows { get; }
    }
}
