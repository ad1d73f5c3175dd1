using System.Collections.Concurrent;
using Cluster.Grammar.Structure;

namespace Cluster.Grammar.Masks;

/// <summary>
/// The masks of the positions at one level, slot or leaf. A mask is kept under exactly what its walk consulted: the position itself, then
/// one frame of the stack after another as far as some token closed them. Situations that differ further down share it.
/// </summary>
internal sealed class MaskTable
{
    public ConcurrentDictionary<MaskKey, MaskNode> Nodes { get; } = new(concurrencyLevel: 1, capacity: 3);

    /// <summary>The same nodes by what the position's leaf says: states of a leaf with one row (after two or three characters of a body) share them.</summary>
    public Dictionary<RowKey, MaskNode> ByRow => _byRow ??= [];

    private Dictionary<RowKey, MaskNode>? _byRow;
}

/// <summary>
/// The tables of one engine by the number of their place (<see cref="Machine.NumberOf"/>). They belong to the engine, so that they go with its vocabulary: kept at the
/// places themselves, a grammar that is always in use would keep every vocabulary that it ever met. Read without a lock.
/// </summary>
/// <param name="gate">The machine's.</param>
internal sealed class MaskTables(Lock gate)
{
    private MaskTable?[] _tables = new MaskTable?[16];

    public MaskTable Of(int place)
    {
        MaskTable?[] tables = Volatile.Read(ref _tables);
        if (place < tables.Length && Volatile.Read(ref tables[place]) is { } known) return known;
        lock (gate)
        {
            if (place >= _tables.Length)
            {
                tables = new MaskTable?[Math.Max(place + 1, 2 * _tables.Length)];
                _tables.CopyTo(tables, 0);
                Volatile.Write(ref _tables, tables);
            }
            if (_tables[place] is { } made) return made;
            var table = new MaskTable();
            Volatile.Write(ref _tables[place], table);
            return table;
        }
    }
}

/// <summary>A position at a level, slot or leaf.</summary>
/// <param name="Depth">Open brackets, where the cap on them is near; else 0.</param>
internal readonly record struct MaskKey(int State, short Gap, Phase Phase, Spacing Spacing, int Depth);

/// <summary>A position in a leaf of which one part is alive.</summary>
/// <param name="MoreBytes">Bytes that the leaf needs beside those of the row.</param>
internal readonly record struct RowKey(LeafRow Row, int Part, int MoreBytes, MaskKey Place);

/// <summary>A mask, or the question which frame comes next.</summary>
internal sealed class MaskNode
{
    private static readonly object _bottom = new();

    public MaskEntry? Entry;

    /// <summary>How often a mask here ran out of fuel.</summary>
    public int TimesSpent;

    private (object Slot, MaskNode Node)[] _below = [];

    public MaskNode? Find(Frame? frame)
    {
        object slot = frame?.Slot ?? _bottom;
        foreach ((object known, MaskNode node) in Volatile.Read(ref _below))
        {
            if (known == slot) return node;
        }
        return null;
    }

    /// <summary>Under the machine's gate.</summary>
    public MaskNode Below(Frame? frame)
    {
        if (Find(frame) is { } known) return known;
        var made = new MaskNode();
        Volatile.Write(ref _below, [.. _below, (frame?.Slot ?? _bottom, made)]);
        return made;
    }
}

/// <summary>A mask with what is needed to cut it to a budget.</summary>
/// <param name="Mask">The tokens, whatever the budget.</param>
/// <param name="MostBytes">No token of it needs more compact bytes to finish than this, plus <see cref="Frame.MostClose"/> of the first frame not consulted.</param>
/// <param name="Frames">Frames consulted.</param>
/// <param name="Textual">Further tokens, each allowed or not by the text of the unfinished key or item, which no state holds; null for none.</param>
internal sealed record MaskEntry(TokenMask Mask, int MostBytes, int Frames, TextTrie? Textual)
{
    private const int VariantsMax = 64;

    private (bool[] Allowed, TokenMask Mask)[] _variants = [];

    /// <summary>The mask with those textual tokens that are allowed.</summary>
    public TokenMask With(ReadOnlySpan<bool> allowed, int[] tokens, Func<TokenMask, int[], TokenMask> join, TableMeter meter)
    {
        foreach ((bool[] known, TokenMask mask) in Volatile.Read(ref _variants))
        {
            if (allowed.SequenceEqual(known)) return mask;
        }
        var ids = new List<int>();
        for (int i = 0; i < allowed.Length; i++)
        {
            if (allowed[i]) ids.Add(tokens[i]);
        }
        TokenMask made = join(Mask, [.. ids]);
        if (_variants.Length < VariantsMax)
        {
            Volatile.Write(ref _variants, [.. _variants, (allowed.ToArray(), made)]);
            meter.Add(64 + allowed.Length + 4L * made.Ids.Length + 8L * made.Bits.Length);
        }
        return made;
    }
}
