using Cluster.Grammar.Masks;

namespace Cluster.Grammar.Tags;

/// <summary>The mask of one situation, and what cutting it to a budget needs.</summary>
/// <param name="Mask">The tokens, whatever the budget.</param>
/// <param name="Groups">Tokens that do not stay inside a content, by the tokens that are needed after them.</param>
/// <param name="MostAfter">After no token more tokens than this are needed.</param>
internal sealed record TagMask(TokenMask Mask, Dictionary<int, List<int>> Groups, long MostAfter)
{
    public long Bytes => Mask.Bits.Length * 8L + Groups.Values.Sum(static x => 64 + x.Count * 4L) + 128;
}
