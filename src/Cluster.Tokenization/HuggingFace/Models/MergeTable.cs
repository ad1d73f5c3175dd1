using System.Numerics;

namespace Cluster.Tokenization.HuggingFace.Models;

/// <summary>Pair of ids → rank of its merge and id of what it becomes.</summary>
internal sealed class MergeTable
{
    public const int NoRank = int.MaxValue;

    private readonly ulong[] _keys;
    private readonly (int Rank, int Id)[] _values;
    private readonly int _shift;

    public MergeTable(int count)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(count * 2, 16));
        _keys = new ulong[size];
        _values = new (int, int)[size];
        _shift = 64 - BitOperations.Log2((uint)size);
    }

    /// <summary>The first rank of a pair counts.</summary>
    public void Add(int left, int right, int rank, int id)
    {
        int slot = SlotOf(left, right);
        if (_keys[slot] != 0) return;
        _keys[slot] = KeyOf(left, right);
        _values[slot] = (rank, id);
    }

    public int RankOf(int left, int right, out int id)
    {
        int slot = SlotOf(left, right);
        if (_keys[slot] == 0)
        {
            id = -1;
            return NoRank;
        }
        (int rank, id) = _values[slot];
        return rank;
    }

    /// <summary>Never zero, which marks an empty slot; ids of -1 (unknown symbols) have keys of their own that no merge has.</summary>
    private static ulong KeyOf(int left, int right) => ((ulong)(uint)(left + 2) << 32) | (uint)(right + 2);

    private int SlotOf(int left, int right)
    {
        ulong key = KeyOf(left, right);
        int mask = _keys.Length - 1;
        int slot = (int)((key * 0x9E3779B97F4A7C15) >> _shift);
        while (_keys[slot] != 0 && _keys[slot] != key) slot = (slot + 1) & mask;
        return slot;
    }
}
