using System.Runtime.InteropServices;

namespace Cluster.Grammar.Masks;

/// <summary>
/// A set of allowed token ids: a reference into a shared cache, never a copy. Small sets come as ascending id lists, so that a
/// sampler reads ten logits instead of 150,000; large ones as a bitset, bit <c>id &amp; 63</c> of word <c>id &gt;&gt; 6</c>.
/// </summary>
public readonly struct TokenMask
{
    /// <summary>Sets of at most so many ids come as lists.</summary>
    internal const int ListMax = 256;

    private readonly int[]? _ids;
    private readonly ulong[]? _bits;

    private TokenMask(int[]? ids, ulong[]? bits, bool isNarrowed)
    {
        _ids = ids;
        _bits = bits;
        IsNarrowed = isNarrowed;
    }

    /// <param name="ids">Ascending; the array is kept, not copied.</param>
    public static TokenMask FromIds(int[] ids, bool isNarrowed = false) => new(ids, null, isNarrowed);

    /// <param name="bits">One bit per id; the array is kept, not copied.</param>
    public static TokenMask FromBits(ulong[] bits, bool isNarrowed = false) => new(null, bits, isNarrowed);

    /// <summary>The set of some ids: a list if they are few, else a bitset.</summary>
    /// <param name="ids">In any order, perhaps repeated; sorted in place.</param>
    /// <param name="vocabularySize">One more than the greatest id there is.</param>
    internal static TokenMask Of(List<int> ids, int vocabularySize)
    {
        if (ids.Count > ListMax)
        {
            var bits = new ulong[(vocabularySize + 63) / 64];
            foreach (int id in ids) bits[id >> 6] |= 1UL << (id & 63);
            return FromBits(bits);
        }
        ids.Sort();
        int count = 0;
        for (int i = 0; i < ids.Count; i++)
        {
            if (i == 0 || ids[i] != ids[i - 1]) ids[count++] = ids[i];
        }
        return FromIds(CollectionsMarshal.AsSpan(ids)[..count].ToArray());
    }

    /// <summary>True when <see cref="Ids"/> holds the set; else <see cref="Bits"/> does.</summary>
    public bool IsList => _ids is not null;

    public ReadOnlySpan<int> Ids => _ids;

    public ReadOnlySpan<ulong> Bits => _bits;

    /// <summary>The mask ran out of fuel and follows the witness: valid, with fewer choices than the language has.</summary>
    public bool IsNarrowed { get; }

    public bool Allows(int token)
        => _ids is not null
            ? Array.BinarySearch(_ids, token) >= 0
            : _bits is not null && (uint)(token >> 6) < (uint)_bits.Length && (_bits[token >> 6] >> (token & 63) & 1) != 0;
}
