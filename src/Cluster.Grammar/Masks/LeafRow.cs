namespace Cluster.Grammar.Masks;

/// <summary>
/// What one state of a leaf automaton says about the vocabulary, whatever surrounds the leaf: the tokens that stay inside, and those that
/// end it, by what they go on with. Shared by every grammar that has the leaf.
/// </summary>
/// <param name="Inside">One bit per id: the tokens that do not end the leaf; null where <paramref name="Ids"/> lists them.</param>
/// <param name="Ids">The same, where they are few; else null.</param>
/// <param name="InsideCount">How many they are.</param>
/// <param name="MostBytes">Upper bound on the bytes that the leaf still needs after any of them.</param>
/// <param name="Exits">The tokens that end it.</param>
internal sealed record LeafRow(ulong[]? Inside, int[]? Ids, int InsideCount, int MostBytes, LeafExit[] Exits)
{
    /// <summary>Memory, in bytes.</summary>
    public long Bytes => (Inside?.Length ?? 0) * 8L + (Ids?.Length ?? 0) * 4L + Exits.Sum(static x => x.Excluded is null ? x.Remainders.Size : x.Excluded.Count * 16L) + 96;
}

/// <summary>Tokens that end a leaf in one way.</summary>
/// <param name="State">The leaf's state at its end, where literals are told apart; else any accepting one.</param>
/// <param name="Remainders">What follows in them.</param>
/// <param name="Excluded">Tokens of <paramref name="Remainders"/> (shared with a larger language) that do not belong here; null for none.</param>
internal sealed record LeafExit(int State, Remainders Remainders, HashSet<int>? Excluded);
