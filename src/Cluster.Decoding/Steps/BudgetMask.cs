using Cluster.Grammar;
using Cluster.Grammar.Masks;
using Cluster.Tokenization;

namespace Cluster.Decoding.Steps;

/// <summary>Masks under a token budget, and whether the budget made a difference.</summary>
internal static class BudgetMask
{
    /// <summary>What may come next so that the document still closes within <paramref name="tokensLeft"/>.</summary>
    /// <param name="isNarrowed">Set where that is less than the grammar alone allows.</param>
    public static TokenMask Get(GrammarMatcher matcher, int tokensLeft, ref bool isNarrowed)
    {
        TokenMask mask = matcher.GetMask(tokensLeft);
        if (!isNarrowed) isNarrowed = !AreEqual(mask, matcher.GetMask());
        return mask;
    }

    /// <summary>The document is complete, and nothing but its end is allowed.</summary>
    public static bool AllowsOnlyEnd(in TokenMask mask, Vocabulary vocabulary)
    {
        if (!mask.IsList) return false;
        foreach (int id in mask.Ids) if (!vocabulary.IsEnd(id)) return false;
        return true;
    }

    /// <summary>Masks are references into a cache, so two equal ones are mostly the same reference.</summary>
    private static bool AreEqual(in TokenMask left, in TokenMask right)
    {
        if (left.IsList != right.IsList) return false;
        return left.IsList
            ? left.Ids == right.Ids || left.Ids.SequenceEqual(right.Ids)
            : left.Bits == right.Bits || left.Bits.SequenceEqual(right.Bits);
    }
}
