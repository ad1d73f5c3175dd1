using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cluster.Grammar.Structure;

namespace Cluster.Grammar.Masks;

/// <summary>What a walk has found so far: tokens, and the bytes that they may leave to be written.</summary>
internal sealed partial class MaskWalk
{
    private void Add(LeafRow row)
    {
        if (row.Ids is not null) Ids.AddRange(row.Ids);
        if (row.Inside is null) return;
        BitCount += row.Count;
        if (Bits is null)
        {
            (Bits, _isShared) = (row.Inside, true);
            return;
        }
        if (_isShared)
        {
            (Bits, _isShared) = ((ulong[])Bits.Clone(), false);
        }
        Merge(Bits, row.Inside);
    }

    private static void Merge(Span<ulong> bits, ReadOnlySpan<ulong> more)
    {
        Span<Vector<ulong>> wide = MemoryMarshal.Cast<ulong, Vector<ulong>>(bits);
        ReadOnlySpan<Vector<ulong>> wideMore = MemoryMarshal.Cast<ulong, Vector<ulong>>(more);
        for (int i = 0; i < wide.Length; i++) wide[i] |= wideMore[i];
        for (int i = wide.Length * Vector<ulong>.Count; i < bits.Length; i++) bits[i] |= more[i];
    }

    private void AddIds(ReadOnlySpan<int> tokens, HashSet<int>? excluded)
    {
        foreach (int id in tokens)
        {
            if (excluded is null || !excluded.Contains(id)) Ids.Add(id);
        }
    }

    private void Try(TextTrie trie, int node, HashSet<int>? excluded)
    {
        foreach (int id in trie.TokensBelow(node))
        {
            if (excluded is null || !excluded.Contains(id)) Textual.Add(id);
        }
    }

    private void Take(in Cursor cursor, ReadOnlySpan<int> tokens, HashSet<int>? excluded)
    {
        if (tokens.IsEmpty) return;
        Weigh(cursor);
        AddIds(tokens, excluded);
    }

    private void Need(int bytes) => MostBytes = Math.Max(MostBytes, bytes);

    private void Weigh(in Cursor cursor)
    {
        // Neighbours in the trie mostly end in the same place.
        if (cursor.At != _last.At || cursor.Phase != _last.Phase)
        {
            (_last, _lastUpper) = ((cursor.At, cursor.Phase), machine.Levels.UpperOf(cursor));
        }
        Need(Own(cursor) + _lastUpper + (cursor.Stack?.MostClose ?? 0));
    }

    /// <summary>Never less than the compact bytes from <paramref name="cursor"/> to the document's end.</summary>
    public int BytesAt(in Cursor cursor) => Own(cursor) + machine.Levels.UpperOf(cursor) + (cursor.Stack?.MostClose ?? 0);

    private static int Own(in Cursor cursor)
    {
        return cursor.Phase switch
        {
            Phase.Scalar => Unsafe.As<ValueLeaf>(cursor.At).Automaton.ShortestLength(cursor.State),
            Phase.Key => Unsafe.As<KeyLeaf>(cursor.At).Automaton.ShortestLength(cursor.State),
            _ => 0,
        };
    }
}
