using System.Numerics;

namespace Cluster.Grammar.Masks;

/// <summary>
/// The mask of one position under every budget: its tokens in groups by how many more tokens each leaves to be written. A sequence whose
/// budget is tight asks at every step, mostly at a position where it or another has been before.
/// </summary>
internal sealed class BudgetMasks
{
    private readonly TokenMask _none;
    private readonly int[] _rests;
    private readonly TokenMask[] _masks;

    /// <param name="whole">The mask without a budget.</param>
    /// <param name="none">The mask where no token leaves little enough.</param>
    /// <param name="most">See <see cref="Most"/>.</param>
    /// <param name="idsByRest">The tokens of <paramref name="whole"/> by the tokens that are needed after each; those that leave more than <paramref name="most"/> are not in it.</param>
    /// <param name="vocabularySize">One more than the greatest id there is.</param>
    public BudgetMasks(TokenMask whole, TokenMask none, int most, SortedDictionary<int, List<int>> idsByRest, int vocabularySize)
    {
        (_none, Most) = (none, most);
        _rests = [.. idsByRest.Keys];
        _masks = new TokenMask[_rests.Length];
        int count = whole.IsList ? whole.Ids.Length : CountOf(whole.Bits);
        var ids = new List<int>();
        for (int i = 0; i < _rests.Length; i++)
        {
            ids.AddRange(idsByRest[_rests[i]]);
            if (ids.Count == count)
            {
                _masks[i] = whole;
                continue;
            }
            _masks[i] = TokenMask.Of([.. ids], vocabularySize);
            Size += _masks[i].IsList ? _masks[i].Ids.Length * sizeof(int) : _masks[i].Bits.Length * sizeof(ulong);
        }
    }

    /// <summary>The largest number of tokens after the next one that these masks know about.</summary>
    public int Most { get; }

    /// <summary>Memory, in bytes.</summary>
    public long Size { get; } = 128;

    /// <summary>The tokens after which at most <paramref name="rest"/> more are needed.</summary>
    /// <param name="rest">At most <see cref="Most"/>.</param>
    public TokenMask Within(int rest)
    {
        int at = Array.BinarySearch(_rests, rest);
        if (at < 0) at = ~at - 1;
        return at < 0 ? _none : _masks[at];
    }

    private static int CountOf(ReadOnlySpan<ulong> bits)
    {
        int count = 0;
        foreach (ulong word in bits) count += BitOperations.PopCount(word);
        return count;
    }
}
