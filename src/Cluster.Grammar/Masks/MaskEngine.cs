using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Grammar.Automata;
using Cluster.Grammar.Structure;
using Cluster.Tokenization;

namespace Cluster.Grammar.Masks;

/// <summary>
/// Masks of one machine over one vocabulary. Known masks are found without a lock; unknown ones are built one at a time, under the
/// machine's gate and with the fuel of one mask.
/// </summary>
internal sealed partial class MaskEngine : MatchEngine
{
    // Attempts at a mask that runs out of fuel.
    private const int AttemptsMax = 2;

    private readonly Machine _machine;
    private readonly MaskTables _tables;
    private readonly MaskVocabulary _vocabulary;
    private readonly MaskWalk _walk;
    private readonly int _gapFree;

    // The path of a walk token by token; used under the gate.
    private Cursor[]? _pathCursors;
    private byte[]? _pathBytes;

    public MaskEngine(Machine machine, Vocabulary vocabulary)
    {
        (_machine, _tables) = (machine, new MaskTables(machine.Gate));
        _vocabulary = MaskVocabulary.Of(vocabulary);
        _walk = new MaskWalk(machine, _vocabulary);
        // So much white space before no token can reach the bound on it.
        _gapFree = machine.Options.Whitespace == Whitespace.Bounded ? machine.Options.WhitespaceBytesMax - _vocabulary.Trie.DepthMax : 0;
        Witness = new WitnessWriter(machine);
    }

    public Machine Machine => _machine;

    public TokenTrie Trie => _vocabulary.Trie;

    public override Vocabulary Vocabulary => _vocabulary.Trie.Vocabulary;

    public WitnessWriter Witness { get; }

    /// <summary>The trie of a vocabulary, made once per process.</summary>
    public static TokenTrie TrieOf(Vocabulary vocabulary) => MaskVocabulary.Of(vocabulary).Trie;

    public override Cursor Start() => _machine.Stepper.Start();

    public override bool IsComplete(in Cursor cursor) => _machine.Stepper.IsComplete(cursor);

    public override TokenMask MaskOf(in Cursor cursor, int tokensLeft)
    {
        TokenMask mask = MaskOf(cursor, out long bytes);
        bool isNearCap = IsNearCap(cursor, bytes);
        bool isAmple = tokensLeft == int.MaxValue || TokensOf(cursor, bytes) <= tokensLeft - 1;
        return isAmple && !isNearCap ? mask : Narrow(cursor, mask, tokensLeft, isNearCap);
    }

    public override long MostTokensAfter(in Cursor cursor)
    {
        MaskOf(cursor, out long bytes);
        return TokensOf(cursor, bytes);
    }

    private static long TokensOf(in Cursor cursor, long bytes) => bytes * (cursor.Spacing == Spacing.Compact ? 1 : 2);

    /// <summary>Some token may lead to where the document can be completed only by nesting deeper than is allowed.</summary>
    /// <param name="bytes">Most compact bytes to completion after any token: one for each bracket that is open, two for each further one.</param>
    private bool IsNearCap(in Cursor cursor, long bytes)
    {
        int depth = cursor.Stack?.Depth ?? 0, depthMax = _machine.Options.DepthMax;
        // No token opens more brackets than it has bytes: mostly that is enough to know. Else ask how high anything is that completions hold.
        int most = Trie.DepthMax;
        if (depth + most + Math.Max(0, bytes - depth + most) / 2 <= depthMax) return false;
        return depth + _vocabulary.BracketsMax + _machine.Costs.HeightMost + 1 > depthMax;
    }

    /// <param name="mostBytes">No token needs more compact bytes to completion.</param>
    private TokenMask MaskOf(in Cursor cursor, out long mostBytes)
    {
        MaskEntry entry = EntryOf(cursor);
        int most = entry.MostBytes;
        TokenMask mask = entry.Textual is null ? entry.Mask : TryTextual(cursor, entry, entry.Textual, ref most);
        Frame? below = cursor.Stack;
        for (int i = 0; i < entry.Frames && below is not null; i++) below = below.Parent;
        mostBytes = most + (long)(below?.MostClose ?? 0);
        return mask;
    }

    /// <summary>Longer completions are not counted in tokens: no context holds them, and each byte of them takes its time.</summary>
    private const int CompletionBytesMax = 2 << 20;

    public override int TokensToComplete(in Cursor cursor)
    {
        return TokensToComplete(cursor, int.MaxValue);
    }

    /// <summary>The same; <see cref="int.MaxValue"/> also when more than <paramref name="most"/> tokens are needed, as soon as that is certain, or deeper nesting
    /// than <paramref name="depthMax"/>.</summary>
    private int TokensToComplete(in Cursor cursor, int most, int depthMax = int.MaxValue)
    {
        lock (_machine.Gate)
        {
            byte[]? text = Witness.TryWrite(cursor, Math.Min((long)most * Trie.DepthMax, CompletionBytesMax));
            if (text is not null && depthMax < int.MaxValue && WitnessWriter.DepthOf(text, cursor) > depthMax) return int.MaxValue;
            int fewest = text is null ? -1 : Trie.FewestTokens(text);
            return fewest < 0 ? int.MaxValue : fewest;
        }
    }

    private MaskEntry EntryOf(in Cursor cursor)
    {
        MaskTable masks = _tables.Of(_machine.NumberOf(ref PlaceOf(cursor)));
        int depth = cursor.Stack?.Depth ?? 0;
        int nearCap = depth + Trie.DepthMax >= _machine.Options.DepthMax ? depth : 0;
        short gap = _gapFree > 0 && cursor.Gap <= _gapFree ? (short)0 : cursor.Gap;
        var key = new MaskKey(cursor.State, gap, cursor.Phase, cursor.Spacing, nearCap);
        if (masks.Nodes.TryGetValue(key, out MaskNode? node) && Find(node, cursor) is { } known) return known;
        lock (_machine.Gate) return Add(cursor, masks, key);
    }

    private static MaskEntry? Find(MaskNode? node, in Cursor cursor)
    {
        Frame? frame = cursor.Stack;
        while (node is not null && node.Entry is null)
        {
            node = node.Find(frame);
            frame = frame?.Parent;
        }
        return node?.Entry;
    }

    private MaskEntry Add(in Cursor cursor, MaskTable masks, MaskKey key)
    {
        // Part of the work is kept, so a second attempt may succeed; a third would cost every sequence as much again.
        bool isHopeless = masks.Nodes.TryGetValue(key, out MaskNode? before) && before.TimesSpent >= AttemptsMax;
        _machine.Fuel = new Fuel(isHopeless ? 0 : _machine.Options.MaskFuel);
        try
        {
            // Another state of this leaf may have the same row: then it has the same mask.
            if (!masks.Nodes.TryGetValue(key, out MaskNode? node))
            {
                node = NodeByRow(cursor, masks, key);
                masks.Nodes[key] = node;
            }
            if (Find(node, cursor) is { } known) return known;
            MaskEntry entry = Build(cursor);
            Frame? frame = cursor.Stack;
            for (int i = 0; i < entry.Frames; i++)
            {
                node = node.Below(frame);
                frame = frame?.Parent;
            }
            _machine.Meter.Add(EntryBytes + _ownBytes + (entry.Textual is null ? 0 : 24L * entry.Textual.Bytes.Length));
            return node.Entry = entry;
        }
        catch (FuelSpentException)
        {
            _machine.Fuel = new Fuel(long.MaxValue);
            if (!masks.Nodes.TryGetValue(key, out MaskNode? failed)) masks.Nodes[key] = failed = new MaskNode();
            failed.TimesSpent++;
            return new MaskEntry(AlongWitness(Trie, Witness.Write(cursor), _machine.Stepper.IsComplete(cursor)), 0, 0, null);
        }
        finally
        {
            _machine.Fuel = new Fuel(long.MaxValue);
        }
    }

    private MaskNode NodeByRow(in Cursor cursor, MaskTable masks, MaskKey key)
    {
        LeafAutomaton? leaf = LeafOf(cursor);
        if (leaf is null || !leaf.TryGetSingle(cursor.State, out int part, out int state)) return new MaskNode();
        LeafRow row = _vocabulary.Rows.Get(leaf.PartAt(part), state, _vocabulary.Whole, 0, leaf.IsSelfDelimiting, _machine.Fuel, out int moreBytes);
        var place = new RowKey(row, part, (int)BitOperations.RoundUpToPowerOf2((uint)moreBytes), key with { State = 0 });
        if (!masks.ByRow.TryGetValue(place, out MaskNode? node)) masks.ByRow[place] = node = new MaskNode();
        return node;
    }

    private static LeafAutomaton? LeafOf(in Cursor cursor) => cursor.Phase switch
    {
        Phase.Scalar => Unsafe.As<ValueLeaf>(cursor.At).Automaton,
        Phase.Key => Unsafe.As<KeyLeaf>(cursor.At).Automaton,
        _ => null,
    };

    /// <summary>Tries the tokens that depend on the text of an unfinished key or item, each beginning that several share once.</summary>
    private TokenMask TryTextual(in Cursor cursor, MaskEntry entry, TextTrie tokens, ref int mostBytes)
    {
        int count = tokens.Tokens.Length;
        Span<bool> allowed = count <= 1024 ? stackalloc bool[count] : new bool[count];
        lock (_machine.Gate)
        {
            Cursor after = cursor;
            for (int node = 0; (node = NextNode(tokens, node, ref after)) < tokens.Bytes.Length;)
            {
                int first = tokens.Starts[node], end = tokens.Starts[node + 1];
                if (first == end) continue;
                allowed[first..end].Fill(true);
                mostBytes = Math.Max(mostBytes, _walk.BytesAt(after));
            }
            return entry.With(allowed, tokens.Tokens, Join, _machine.Meter);
        }
    }

    /// <summary>Goes on with a walk over all texts of a trie that are allowed: each beginning that several share is read once. Under the machine's gate.</summary>
    /// <param name="node">The node before; 0 begins a walk.</param>
    /// <param name="cursor">Where the walk begins; then where the node's text leads.</param>
    /// <returns>The next node whose text is allowed; as many as there are nodes at the end.</returns>
    private int NextNode(TextTrie trie, int node, ref Cursor cursor)
    {
        Cursor[] cursors = _pathCursors ??= new Cursor[Trie.DepthMax + 1];
        byte[] text = _pathBytes ??= new byte[Trie.DepthMax];
        if (node == 0) cursors[0] = cursor;
        for (node++; node < trie.Bytes.Length; node = trie.Ends[node])
        {
            int depth = trie.Depths[node];
            text[depth - 1] = trie.Bytes[node];
            cursors[depth] = cursors[depth - 1];
            if (!Step(ref cursors[depth], text[depth - 1], text.AsSpan(0, depth), depth - 1)) continue;
            cursor = cursors[depth];
            return node;
        }
        return node;
    }

    private TokenMask Join(TokenMask mask, int[] ids)
    {
        if (ids.Length == 0) return mask;
        if (mask.IsList) return ToMask([.. mask.Ids, .. ids]);
        ulong[] bits = mask.Bits.ToArray();
        foreach (int id in ids) bits[id >> 6] |= 1UL << (id & 63);
        return TokenMask.FromBits(bits);
    }

    private static ref int PlaceOf(in Cursor cursor)
    {
        switch (cursor.Phase)
        {
            case Phase.Value or Phase.Colon: return ref Unsafe.As<Slot>(cursor.At).MaskPlace;
            case Phase.Scalar: return ref Unsafe.As<ValueLeaf>(cursor.At).MaskPlace;
            case Phase.Key: return ref Unsafe.As<KeyLeaf>(cursor.At).MaskPlace;
            default: return ref Unsafe.As<Level>(cursor.At).MaskPlace;
        }
    }

    private MaskEntry Build(in Cursor cursor)
    {
        _walk.Run(cursor);
        if (_machine.Stepper.IsComplete(cursor)) _walk.Ids.AddRange(Vocabulary.EndIds);
        int frames = (cursor.Stack?.Depth ?? 0) - _walk.DepthLeast;
        Frame? below = cursor.Stack;
        for (int i = 0; i < frames; i++) below = below!.Parent;
        int mostBytes = Math.Max(0, _walk.MostBytes - (below?.MostClose ?? 0));
        TextTrie? textual = _walk.Textual.Count == 0 ? null : TextTrie.Of(Vocabulary.Texts, _walk.Textual.Distinct());
        return new MaskEntry(ToMask(), mostBytes, frames, textual);
    }

    private TokenMask ToMask()
    {
        TokenMask mask = MakeMask();
        bool isShared = _walk.Bits is { } row && !_walk.OwnsBits && mask.Bits.Overlaps(row);
        _ownBytes = isShared ? 0 : 4L * mask.Ids.Length + 8L * mask.Bits.Length;
        return mask;
    }

    private TokenMask MakeMask()
    {
        List<int> ids = _walk.Ids;
        if (_walk.Bits is not { } inside) return ToMask(ids);
        if (_walk.BitCount + ids.Count > TokenMask.ListMax)
        {
            bool isSubset = true;
            foreach (int id in ids) isSubset &= (inside[id >> 6] >> (id & 63) & 1) != 0;
            if (isSubset) return TokenMask.FromBits(inside);
            ulong[] bits = _walk.OwnsBits ? inside : (ulong[])inside.Clone();
            foreach (int id in ids) bits[id >> 6] |= 1UL << (id & 63);
            return TokenMask.FromBits(bits);
        }
        for (int word = 0; word < inside.Length; word++)
        {
            for (ulong left = inside[word]; left != 0; left &= left - 1)
            {
                ids.Add(word << 6 | BitOperations.TrailingZeroCount(left));
            }
        }
        return ToMask(ids);
    }

    private TokenMask ToMask(List<int> ids) => TokenMask.Of(ids, Vocabulary.Size);

    public override bool Step(ref Cursor cursor, byte value, ReadOnlySpan<byte> token, int index)
        => _machine.Stepper.Step(ref cursor, value, token, index, needsKeys: true);

    public override void Commit(ref Cursor cursor, ReadOnlySpan<byte> token)
    {
        if (cursor.Phase == Phase.Key)
        {
            cursor.Key = Unsafe.As<KeyLeaf>(cursor.At).TextWith(cursor.Key, token[cursor.KeyStart..]);
        }
        cursor.KeyStart = 0;
        if (cursor.Captured is not null) cursor.Captured = Capture.Commit(cursor.Captured, token);
    }
}
