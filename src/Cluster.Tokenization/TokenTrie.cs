using System.Runtime.CompilerServices;

namespace Cluster.Tokenization;

/// <summary>
/// The text tokens of a vocabulary as one flat byte trie in depth-first order: node <c>i</c>'s subtree is the run of nodes
/// <c>i .. EndOf(i) - 1</c>, so that skipping a subtree is one assignment and a whole walk is one pass over three arrays.
/// </summary>
/// <remarks>
/// Node 0 is the root (the empty text). Two ids with the same spelling share a node: <see cref="TokensAt"/> lists all of them.
/// A pointer trie was rejected: a walk visits most nodes, and the flat order is what the prefetcher guesses.
/// </remarks>
public sealed class TokenTrie
{
    private readonly byte[] _bytes;
    private readonly int[] _ends;
    private readonly int[] _tokenStarts;
    private readonly int[] _tokens;
    private readonly ushort[] _depths;
    private readonly int[] _rootChildren = new int[256];

    /// <summary>Builds the trie: a sort of the vocabulary and one pass.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public TokenTrie(Vocabulary vocabulary)
    {
        Vocabulary = vocabulary;
        (int[] ids, int nodeCountMax) = SortedTextIds(vocabulary);
        var bytes = new byte[nodeCountMax + 1];
        var ends = new int[nodeCountMax + 1];
        var starts = new int[nodeCountMax + 2];
        var depths = new ushort[nodeCountMax + 1];
        var path = new Stack<int>();
        path.Push(0);
        int nodes = 1;
        int depthMax = 0;
        ReadOnlySpan<byte> previous = [];
        for (int i = 0; i < ids.Length; i++)
        {
            ReadOnlySpan<byte> text = vocabulary.BytesOf(ids[i]);
            int shared = previous.CommonPrefixLength(text);
            while (path.Count > shared + 1) ends[path.Pop()] = nodes;
            for (int j = shared; j < text.Length; j++)
            {
                starts[nodes] = i;
                bytes[nodes] = text[j];
                depths[nodes] = (ushort)Math.Min(j + 1, ushort.MaxValue);
                path.Push(nodes++);
            }
            starts[nodes] = i + 1;
            depthMax = Math.Max(depthMax, text.Length);
            previous = text;
        }
        while (path.Count > 0) ends[path.Pop()] = nodes;
        starts[nodes] = ids.Length;
        _tokens = ids;
        _depths = depths.AsSpan(0, nodes).ToArray();
        _bytes = bytes.AsSpan(0, nodes).ToArray();
        _ends = ends.AsSpan(0, nodes).ToArray();
        _tokenStarts = starts.AsSpan(0, nodes + 1).ToArray();
        DepthMax = depthMax;
        for (int child = 1; child < nodes; child = _ends[child]) _rootChildren[_bytes[child]] = child;
    }

    public Vocabulary Vocabulary { get; }

    /// <summary>Nodes, the root included.</summary>
    public int NodeCount => _bytes.Length;

    /// <summary>Bytes of the longest token.</summary>
    public int DepthMax { get; }

    /// <summary>Text tokens in trie order: the tokens of a subtree are one run of it.</summary>
    public ReadOnlySpan<int> TokensInOrder => _tokens;

    /// <summary>Last byte of each node's text; node 0's is meaningless.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Bytes of each node's text.</summary>
    public ReadOnlySpan<ushort> Depths => _depths;

    /// <summary>One past the last node of each node's subtree.</summary>
    public ReadOnlySpan<int> Ends => _ends;

    /// <summary>Index into <see cref="TokensInOrder"/> of each node's first token; one entry more than nodes.</summary>
    public ReadOnlySpan<int> TokenStarts => _tokenStarts;

    /// <summary>Ids that are spelled exactly like node <paramref name="node"/>'s text.</summary>
    public ReadOnlySpan<int> TokensAt(int node)
        => _tokens.AsSpan(_tokenStarts[node], _tokenStarts[node + 1] - _tokenStarts[node]);

    /// <summary>Ids of the tokens that <paramref name="text"/> begins with, shortest first.</summary>
    public List<int> TokensAlong(ReadOnlySpan<byte> text)
    {
        var ids = new List<int>();
        int node = 0;
        foreach (byte value in text)
        {
            node = ChildOf(node, value);
            if (node == 0) break;
            ids.AddRange(TokensAt(node));
        }
        return ids;
    }

    /// <summary>The child of <paramref name="node"/> by <paramref name="value"/>; 0 if there is none.</summary>
    public int ChildOf(int node, byte value)
    {
        if (node == 0) return _rootChildren[value];
        int end = _ends[node];
        for (int child = node + 1; child < end; child = _ends[child])
        {
            if (_bytes[child] == value) return child;
            if (_bytes[child] > value) return 0;
        }
        return 0;
    }

    /// <summary>Fewest tokens that together spell <paramref name="text"/>; -1 when none do.</summary>
    public int FewestTokens(ReadOnlySpan<byte> text)
    {
        int[] fewest = new int[text.Length + 1];
        Array.Fill(fewest, int.MaxValue, 1, text.Length);
        for (int start = 0; start < text.Length; start++)
        {
            if (fewest[start] == int.MaxValue) continue;
            int node = 0;
            for (int end = start; end < text.Length; end++)
            {
                node = ChildOf(node, text[end]);
                if (node == 0) break;
                if (_tokenStarts[node] != _tokenStarts[node + 1])
                {
                    fewest[end + 1] = Math.Min(fewest[end + 1], fewest[start] + 1);
                }
            }
        }
        return fewest[text.Length] == int.MaxValue ? -1 : fewest[text.Length];
    }

    /// <summary>Text ids in byte order of their spelling, and an upper limit on the trie's nodes below the root.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (int[] Ids, int NodeCountMax) SortedTextIds(Vocabulary vocabulary)
    {
        var ids = new List<int>(vocabulary.Size);
        int total = 0;
        for (int id = 0; id < vocabulary.Size; id++)
        {
            if (vocabulary.IsSpecial(id) || vocabulary.BytesOf(id).IsEmpty) continue;
            ids.Add(id);
            total += vocabulary.BytesOf(id).Length;
        }
        // The first two bytes by counting, the first eight as one number, which decides most comparisons, and only then the spans. Buckets are
        // sorted on all cores.
        var starts = new int[(1 << 16) + 1];
        foreach (int id in ids) starts[BucketOf(vocabulary.BytesOf(id)) + 1]++;
        for (int i = 1; i < starts.Length; i++) starts[i] += starts[i - 1];
        int[] next = [.. starts];
        var keys = new ulong[ids.Count];
        var sorted = new int[ids.Count];
        foreach (int id in ids)
        {
            ReadOnlySpan<byte> text = vocabulary.BytesOf(id);
            int place = next[BucketOf(text)]++;
            (keys[place], sorted[place]) = (Prefix(text), id);
        }
        Parallel.For(0, 256, first =>
        {
            for (int bucket = first << 8; bucket < (first + 1) << 8; bucket++) Sort(vocabulary, keys, sorted, starts[bucket], starts[bucket + 1]);
        });
        return (sorted, total);
    }

    private static int BucketOf(ReadOnlySpan<byte> text) => text[0] << 8 | (text.Length > 1 ? text[1] : 0);

    private static void Sort(Vocabulary vocabulary, ulong[] keys, int[] ids, int start, int end)
    {
        if (end - start < 2) return;
        Array.Sort(keys, ids, start, end - start);
        for (int from = start; from < end;)
        {
            int to = from + 1;
            while (to < end && keys[to] == keys[from]) to++;
            if (to - from > 1)
            {
                ids.AsSpan(from, to - from).Sort((x, y) =>
                {
                    int order = vocabulary.BytesOf(x).SequenceCompareTo(vocabulary.BytesOf(y));
                    return order != 0 ? order : x.CompareTo(y);
                });
            }
            from = to;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Prefix(ReadOnlySpan<byte> text)
    {
        ulong prefix = 0;
        for (int i = 0; i < 8; i++) prefix = prefix << 8 | (i < text.Length ? text[i] : 0u);
        return prefix;
    }
}
