namespace Cluster.Grammar.Masks;

/// <summary>
/// A set of allowed token ids: a reference into a shared cache, never a copy. Small sets come as ascending id lists, so that a
/// sampler reads ten logits instead of 150,000; large ones as a bitset, bit <c>id &amp; 63</c> of word <c>id &gt;&gt; 6</c>.
/// </summary>
public readonly struct TokenMask
{
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
