using System.Runtime.CompilerServices;
using Cluster.Tokenization;

namespace Cluster.Grammar.Masks;

/// <summary>
/// Texts that tokens consist of or go on with, as a flat trie in depth-first order like the vocabulary's own: node <c>i</c>'s subtree is
/// the run <c>i .. Ends[i] - 1</c>. The vocabulary itself; the tokens that can stand at a structural place; what follows in tokens that
/// end a leaf. Thousands of tokens end a string, but only a few hundred distinct texts follow (<c>",</c> <c>":</c> <c>"}</c> …).
/// </summary>
internal sealed class TextTrie
{
    private readonly TokenTexts _texts;

    private TextTrie(TokenTexts texts, byte[] bytes, int[] ends, ushort[] depths, int[] starts, int[] tokens)
    {
        _texts = texts;
        Bytes = bytes;
        Ends = ends;
        Depths = depths;
        Starts = starts;
        Tokens = tokens;
    }

    /// <summary>Last byte of each node's text; node 0 is the empty text.</summary>
    public byte[] Bytes { get; }

    /// <summary>One past the last node of each node's subtree.</summary>
    public int[] Ends { get; }

    public ushort[] Depths { get; }

    /// <summary>Index into <see cref="Tokens"/> of each node's first token; one entry more than nodes.</summary>
    public int[] Starts { get; }

    /// <summary>Ids in trie order: those of a subtree are one run.</summary>
    public int[] Tokens { get; }

    /// <summary>Memory, in bytes.</summary>
    public long Size => Bytes.Length * 11L + Tokens.Length * 4L;

    public ReadOnlySpan<int> TokensAt(int node) => Tokens.AsSpan(Starts[node], Starts[node + 1] - Starts[node]);

    public ReadOnlySpan<int> TokensBelow(int node) => Tokens.AsSpan(Starts[node], Starts[Ends[node]] - Starts[node]);

    /// <summary>The whole vocabulary.</summary>
    public static TextTrie Of(TokenTrie trie)
        => new(trie.Vocabulary.Texts, [.. trie.Bytes], [.. trie.Ends], [.. trie.Depths], [.. trie.TokenStarts], [.. trie.TokensInOrder]);

    /// <summary>Some tokens, whole.</summary>
    public static TextTrie Of(TokenTexts texts, IEnumerable<int> ids)
    {
        var empty = new TextTrie(texts, [], [], [], [], []);
        List<Rest> found = [.. ids.Select(x => new Rest(Prefix(texts[x]), x, texts[x].Length))];
        found.Sort(empty.Compare);
        return empty.Build(found);
    }

    /// <summary>The tokens that can stand at <paramref name="places"/>, in one pass: a node is written when the first token below it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public TextTrie At(Places places, int deepest)
    {
        var bytes = new List<byte> { 0 };
        var ends = new List<int> { 0 };
        var depths = new List<ushort> { 0 };
        var starts = new List<int> { 0 };
        var tokens = new List<int>();
        // By depth: where the texts of the path can stand, its nodes here, and those there (-1: not written).
        var path = new Places[deepest + 1];
        var read = new int[deepest + 1];
        var written = new int[deepest + 1];
        path[0] = places;
        int last = 0;
        for (int node = 1; node < Bytes.Length;)
        {
            int depth = Depths[node];
            Places next = JsonShape.Next(path[depth - 1], Bytes[node]);
            if (next == Places.None)
            {
                node = Ends[node];
                continue;
            }
            for (; last >= depth; last--)
            {
                if (written[last] >= 0) ends[written[last]] = bytes.Count;
            }
            (last, path[depth], read[depth], written[depth]) = (depth, next, node, -1);
            int first = Starts[node], end = Starts[++node];
            if (first == end) continue;
            int from = depth;
            while (from > 0 && written[from] < 0) from--;
            while (++from <= depth)
            {
                written[from] = bytes.Count;
                bytes.Add(Bytes[read[from]]);
                depths.Add((ushort)from);
                ends.Add(0);
                starts.Add(tokens.Count);
            }
            tokens.AddRange(Tokens.AsSpan(first, end - first));
        }
        for (; last >= 0; last--)
        {
            if (written[last] >= 0) ends[written[last]] = bytes.Count;
        }
        starts.Add(tokens.Count);
        return new TextTrie(_texts, [.. bytes], [.. ends], [.. depths], [.. starts], [.. tokens]);
    }

    /// <summary>What follows <paramref name="nodes"/> in the tokens below them, as far as it can stand at <paramref name="places"/>.</summary>
    /// <param name="isInclusive">With the tokens at the nodes themselves, which nothing follows.</param>
    public TextTrie Below(ReadOnlySpan<int> nodes, Places places, bool isInclusive)
    {
        var found = new List<Rest>();
        var path = new Places[512];
        foreach (int node in nodes) Collect(node, places, isInclusive, found, ref path);
        // One node's tokens come in order.
        if (nodes.Length > 1) found.Sort(Compare);
        return Build(found);
    }

    /// <summary>
    /// This trie, of what follows some nodes of <paramref name="whole"/>, without the tokens at and below others of these nodes. What only they
    /// went through stays, and leads to nothing.
    /// </summary>
    public TextTrie Without(TextTrie whole, ReadOnlySpan<int> nodes)
    {
        var places = new List<int>();
        foreach (int node in nodes)
        {
            foreach (int id in whole.TokensBelow(node))
            {
                if (PlaceOf(id, _texts[id][whole.Depths[node]..]) is >= 0 and int place) places.Add(place);
            }
        }
        if (places.Count == 0) return this;
        places.Sort();
        var tokens = new int[Tokens.Length - places.Count];
        var starts = new int[Starts.Length];
        int gone = 0, from = 0;
        for (int i = 0; i < starts.Length; i++)
        {
            while (gone < places.Count && places[gone] < Starts[i])
            {
                Tokens.AsSpan(from, places[gone] - from).CopyTo(tokens.AsSpan(from - gone));
                from = places[gone++] + 1;
            }
            starts[i] = Starts[i] - gone;
        }
        Tokens.AsSpan(from).CopyTo(tokens.AsSpan(from - gone));
        return new TextTrie(_texts, Bytes, Ends, Depths, starts, tokens);
    }

    /// <summary>Index into <see cref="Tokens"/> of a token with this text; -1 where it is not here.</summary>
    private int PlaceOf(int id, ReadOnlySpan<byte> text)
    {
        int node = 0;
        foreach (byte value in text)
        {
            int child = node + 1, end = Ends[node];
            while (child < end && Bytes[child] < value) child = Ends[child];
            if (child >= end || Bytes[child] != value) return -1;
            node = child;
        }
        int at = TokensAt(node).IndexOf(id);
        return at < 0 ? -1 : Starts[node] + at;
    }

    private readonly record struct Rest(ulong Prefix, int Id, int Length);

    private ReadOnlySpan<byte> TextOf(Rest rest) => _texts[rest.Id][^rest.Length..];

    private int Compare(Rest left, Rest right)
    {
        int order = left.Prefix.CompareTo(right.Prefix);
        if (order == 0) order = TextOf(left).SequenceCompareTo(TextOf(right));
        return order != 0 ? order : left.Id.CompareTo(right.Id);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Collect(int from, Places places, bool isInclusive, List<Rest> found, ref Places[] path)
    {
        int depth = Depths[from];
        path[0] = places;
        if (isInclusive)
        {
            foreach (int id in TokensAt(from)) found.Add(new Rest(0, id, 0));
        }
        for (int node = from + 1; node < Ends[from];)
        {
            int at = Depths[node] - depth;
            if (at >= path.Length) Array.Resize(ref path, 2 * path.Length);
            path[at] = JsonShape.Next(path[at - 1], Bytes[node]);
            if (path[at] == Places.None)
            {
                node = Ends[node];
                continue;
            }
            foreach (int id in TokensAt(node)) found.Add(new Rest(Prefix(_texts[id][^at..]), id, at));
            node++;
        }
    }

    // The first eight bytes decide most comparisons.
    private static ulong Prefix(ReadOnlySpan<byte> text)
    {
        ulong prefix = 0;
        for (int i = 0; i < 8; i++) prefix = prefix << 8 | (i < text.Length ? text[i] : 0u);
        return prefix;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TextTrie Build(List<Rest> found)
    {
        var bytes = new List<byte> { 0 };
        var ends = new List<int> { 0 };
        var depths = new List<ushort> { 0 };
        var starts = new List<int> { 0 };
        var tokens = new int[found.Count];
        var path = new Stack<int>();
        path.Push(0);
        ReadOnlySpan<byte> previous = [];
        for (int i = 0; i < found.Count; i++)
        {
            ReadOnlySpan<byte> text = TextOf(found[i]);
            tokens[i] = found[i].Id;
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
            previous = text;
        }
        while (path.Count > 0) ends[path.Pop()] = bytes.Count;
        starts.Add(found.Count);
        return new TextTrie(_texts, [.. bytes], [.. ends], [.. depths], [.. starts], tokens);
    }
}
