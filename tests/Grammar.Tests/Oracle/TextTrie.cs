namespace Cluster.Grammar.Tests.Oracle;

/// <summary>Texts that are known to be in the language, byte by byte.</summary>
internal sealed class TextTrie
{
    public sealed class Node
    {
        public SortedDictionary<byte, Node> Next { get; } = [];

        public bool IsText { get; set; }

        /// <summary>Fewest tokens from here to the end of a known text.</summary>
        public int Fewest { get; set; } = int.MaxValue;

        public Node? Follow(ReadOnlySpan<byte> bytes)
        {
            var node = this;
            foreach (byte value in bytes)
            {
                if (!node.Next.TryGetValue(value, out var next)) return null;
                node = next;
            }
            return node;
        }
    }

    public Node Root { get; } = new();

    public void Add(ReadOnlySpan<byte> text)
    {
        var node = Root;
        foreach (byte value in text)
        {
            if (!node.Next.TryGetValue(value, out var next)) node.Next.Add(value, next = new Node());
            node = next;
        }
        node.IsText = true;
    }

    /// <summary>Fills in <see cref="Node.Fewest"/> by trying every token at every node.</summary>
    public void CountTokens(IReadOnlyList<byte[]> tokens)
    {
        var order = new List<Node> { Root };
        for (int i = 0; i < order.Count; i++) order.AddRange(order[i].Next.Values);
        // Every node before its own subtree in the list: backwards, the subtree is done first.
        for (int i = order.Count - 1; i >= 0; i--)
        {
            var node = order[i];
            node.Fewest = node.IsText ? 0 : tokens.Select(token => node.Follow(token)).Where(it => it is not null && it.Fewest < int.MaxValue)
                .Select(it => it!.Fewest + 1).DefaultIfEmpty(int.MaxValue).Min();
        }
    }
}
