namespace Cluster.Grammar.Masks;

/// <summary>
/// What one state of a leaf automaton says about the tokens of a trie, whatever surrounds the leaf: those that stay inside, and those that
/// end it, by what they go on with. Shared by every grammar that has the leaf.
/// </summary>
/// <param name="trie">The trie.</param>
/// <param name="exits">Nodes of the trie at which the leaf has ended, in order.</param>
/// <param name="wider">A row that has these exits and <paramref name="gone"/>; null for none.</param>
internal sealed class LeafRow(TextTrie trie, int[] exits, LeafRow? wider = null, int[]? gone = null)
{
    private readonly TextTrie?[] _after = new TextTrie?[2];

    /// <summary>One bit per id: the tokens that do not end the leaf; null where <see cref="Ids"/> lists them.</summary>
    public ulong[]? Inside { get; init; }

    /// <summary>The same, where they are few; else null.</summary>
    public int[]? Ids { get; init; }

    /// <summary>How many stay inside.</summary>
    public int Count { get; init; }

    /// <summary>Upper bound on the bytes that the leaf still needs after any of them.</summary>
    public int MostBytes { get; init; }

    /// <summary>The leaf ends with a byte of its own (a quote); else with the first byte of what follows, and an exit is the last node inside.</summary>
    public bool IsSelfDelimiting { get; init; } = true;

    /// <summary>The leaf may end before any byte of the vocabulary's trie: then anything may follow that follows a value.</summary>
    public bool EndsHere { get; init; }

    /// <summary>Calls <paramref name="visit"/> for every token that stays inside.</summary>
    public void ForEach(Action<int> visit)
    {
        foreach (int id in Ids ?? []) visit(id);
        for (int word = 0; word < (Inside?.Length ?? 0); word++)
        {
            for (ulong left = Inside![word]; left != 0; left &= left - 1) visit(word << 6 | System.Numerics.BitOperations.TrailingZeroCount(left));
        }
    }

    public TextTrie Trie => trie;

    public int[] Exits => exits;

    /// <summary>Memory, in bytes.</summary>
    public long Bytes => (Inside is null || Inside == wider?.Inside ? 0 : Inside.Length * 8L) + (Ids?.Length ?? 0) * 4L
        + (exits == wider?.Exits ? 0 : exits.Length * 4L) + (wider is not null && gone is null ? 0 : (_after[0]?.Size ?? 0) + (_after[1]?.Size ?? 0)) + 128;

    /// <summary>What the tokens that end the leaf go on with, if it was a key, or a value; null when there are none.</summary>
    public TextTrie? After(bool isKey)
    {
        if (exits.Length == 0) return null;
        ref TextTrie? place = ref _after[isKey ? 1 : 0];
        return Volatile.Read(ref place) ?? (place = MakeAfter(isKey));
    }

    private TextTrie? MakeAfter(bool isKey)
    {
        if (wider is null) return trie.Below(exits, isKey ? Places.Colon : Places.After, IsSelfDelimiting);
        TextTrie? after = wider.After(isKey);
        return gone is null || after is null ? after : after.Without(trie, gone);
    }
}
