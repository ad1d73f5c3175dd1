using Cluster.Tokenization;

namespace Cluster.Grammar.Masks;

/// <summary>
/// What tokens go on with after a leaf has ended inside them, as a flat trie of its own: thousands of tokens end a string, but only a few
/// hundred distinct texts follow (<c>",</c> <c>":</c> <c>"}</c> …), and only these are walked against what may come next.
/// </summary>
internal sealed class Remainders
{
    private Remainders(byte[] bytes, int[] ends, ushort[] depths, int[] tokenStarts, int[] tokens, int[] intricate)
    {
        Bytes = bytes;
        Ends = ends;
        Depths = depths;
        TokenStarts = tokenStarts;
        Tokens = tokens;
        Intricate = intricate;
    }

    public byte[] Bytes { get; }

    public int[] Ends { get; }

    public ushort[] Depths { get; }

    public int[] TokenStarts { get; }

    public int[] Tokens { get; }

    /// <summary>Tokens that may go on to the end of a second key: where the first one was a key, they are tried one by one.</summary>
    public int[] Intricate { get; }

    /// <summary>Tokens that may go on to a second item: where the first has to be remembered, they are tried one by one.</summary>
    public required int[] Several { get; init; }

    public long Size => Bytes.Length * 11L + Tokens.Length * 4L;

    /// <summary>The remainders of all tokens at and below <paramref name="exits"/>, nodes at which a leaf has ended.</summary>
    /// <param name="isWanted">Which first bytes of a remainder matter; null for all.</param>
    public static Remainders Of(TokenTrie trie, IEnumerable<int> exits, Func<byte, bool>? isWanted)
    {
        var found = new List<(byte[] Text, int Depth, int Id)>();
        foreach (int node in exits)
        {
            int depth = trie.Depths[node];
            int first = isWanted is null ? trie.TokenStarts[node] : trie.TokenStarts[Math.Min(node + 1, trie.NodeCount)];
            for (int i = first; i < trie.TokenStarts[trie.Ends[node]]; i++)
            {
                byte[] text = trie.Vocabulary.BytesOf(trie.TokensInOrder[i]).ToArray();
                if (isWanted is null || isWanted(text[depth])) found.Add((text, depth, trie.TokensInOrder[i]));
            }
        }
        found.Sort(static (x, y) => x.Text.AsSpan(x.Depth).SequenceCompareTo(y.Text.AsSpan(y.Depth)));
        return Build(found);
    }

    private static Remainders Build(List<(byte[] Text, int Depth, int Id)> found)
    {
        var bytes = new List<byte> { 0 };
        var ends = new List<int> { 0 };
        var depths = new List<ushort> { 0 };
        var starts = new List<int> { 0 };
        var intricate = new List<int>();
        var several = new List<int>();
        var path = new Stack<int>();
        path.Push(0);
        ReadOnlySpan<byte> previous = [];
        for (int i = 0; i < found.Count; i++)
        {
            ReadOnlySpan<byte> text = found[i].Text.AsSpan(found[i].Depth);
            int shared = previous.CommonPrefixLength(text);
            while (path.Count > shared + 1) ends[path.Pop()] = bytes.Count;
            for (int j = shared; j < text.Length; j++)
            {
                path.Push(bytes.Count);
                bytes.Add(text[j]);
                depths.Add((ushort)(j + 1));
                ends.Add(0);
                starts.Add(i);
            }
            if (text.IndexOf((byte)',') is >= 0 and int comma && text[comma..].Count((byte)'"') > 1) intricate.Add(found[i].Id);
            if (text.IndexOf((byte)',') is >= 0 and int at && at < text.Length - 1) several.Add(found[i].Id);
            previous = text;
        }
        while (path.Count > 0) ends[path.Pop()] = bytes.Count;
        starts.Add(found.Count);
        return new Remainders([.. bytes], [.. ends], [.. depths], [.. starts], [.. found.Select(static x => x.Id)], [.. intricate])
        {
            Several = [.. several],
        };
    }
}
