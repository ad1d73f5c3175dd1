namespace Cluster.Grammar.Masks;

/// <summary>
/// What one state of a leaf automaton says about the vocabulary, whatever surrounds the leaf: the tokens that stay inside or end exactly
/// at the leaf's end, and the places in the trie where a token leaves it. Shared by every grammar that has the leaf.
/// </summary>
/// <param name="Inside">One bit per id.</param>
/// <param name="InsideCount">Bits set.</param>
/// <param name="MostBytes">Bytes that the leaf still needs after the worst of the inside tokens.</param>
/// <param name="Exits">Trie nodes at which the leaf is complete, and its state there: the subtree below continues after it.</param>
internal sealed record LeafRow(ulong[] Inside, int InsideCount, int MostBytes, (int Node, int State)[] Exits)
{
    /// <summary>Memory, in bytes.</summary>
    public long Bytes => Inside.Length * 8L + Exits.Length * 8L + 96;
}
