using Cluster.Decoding.Steps;

namespace Cluster.Decoding.Slots;

/// <summary>One slot of the pool: free, owned by a running sequence, or holding what a finished one left.</summary>
internal sealed class Slot
{
    private int[] _cachedTokens = [];
    private int _cachedCount;

    public SlotUse Use { get; private set; }

    public Sequence? Owner { get; private set; }

    /// <summary>Order of use among cached slots; larger is later.</summary>
    public long LastUse { get; set; }

    /// <summary>Valid positions.</summary>
    public int Tokens => Owner?.Processed ?? _cachedCount;

    /// <summary>Which tokens the valid positions are for.</summary>
    public ReadOnlySpan<int> Content => Owner is { } owner ? owner.Tokens[..owner.Processed] : _cachedTokens.AsSpan(0, _cachedCount);

    public void Own(SlotUse use, Sequence owner)
    {
        Use = use;
        Owner = owner;
        _cachedCount = 0;
    }

    /// <summary>Notes which tokens the slot holds; their keys and values are in place already.</summary>
    public void Cache(ReadOnlySpan<int> tokens, long use)
    {
        if (_cachedTokens.Length < tokens.Length) _cachedTokens = new int[tokens.Length];
        tokens.CopyTo(_cachedTokens);
        _cachedCount = tokens.Length;
        Use = SlotUse.Cached;
        Owner = null;
        LastUse = use;
    }

    public void Clear()
    {
        Use = SlotUse.Free;
        Owner = null;
        _cachedCount = 0;
    }
}
