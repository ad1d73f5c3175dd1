using System.Runtime.CompilerServices;
using Cluster.Grammar.Structure;
using Cluster.Tokenization;

namespace Cluster.Grammar.Masks;

/// <summary>One walk of the vocabulary trie by cursors; collects what is allowed, how deep the stack was read and what finishing costs.</summary>
internal sealed class MaskWalk(Machine machine, TokenTrie trie, Cursor[] cursors, int depth)
{
    private readonly byte[] _token = new byte[trie.DepthMax];
    private int _lastUpper = -1;
    private object? _lastAt;

    /// <summary>Allowed ids, each once, in no order.</summary>
    public List<int> Ids { get; } = [];

    /// <summary>Least depth of the stack that any allowed prefix led to.</summary>
    public int DepthLeast { get; private set; } = depth;

    /// <summary>No allowed token needs more compact bytes than this to the document's end.</summary>
    public int MostBytes { get; private set; }

    public void Need(int bytes) => MostBytes = Math.Max(MostBytes, bytes);

    /// <summary>Walks the subtree below <paramref name="root"/> from a cursor that has read the root's text.</summary>
    /// <param name="isComplete">The cursor stands in a leaf that its last byte completed: go on after the leaf.</param>
    public void Below(int root, Cursor from, bool isComplete)
    {
        ReadOnlySpan<byte> bytes = trie.Bytes;
        ReadOnlySpan<int> ends = trie.Ends;
        ReadOnlySpan<int> starts = trie.TokenStarts;
        ReadOnlySpan<ushort> depths = trie.Depths;
        int rootDepth = root == 0 ? 0 : depths[root];
        if (rootDepth > 0) FillToken(root);
        int last = ends[root];
        if (isComplete) machine.Stepper.Complete(ref from, _token, rootDepth - 1, NeedsKeys(root));
        cursors[rootDepth] = from;
        long visited = 0;
        for (int node = root + 1; node < last;)
        {
            int at = depths[node];
            byte value = bytes[node];
            _token[at - 1] = value;
            ref Cursor cursor = ref cursors[at];
            cursor = cursors[at - 1];
            visited++;
            bool needsKeys = cursor.Phase == Phase.Key && value == '"' && NeedsKeys(node);
            if (!machine.Stepper.Step(ref cursor, value, _token, at - 1, needsKeys))
            {
                node = ends[node];
                continue;
            }
            int stack = cursor.Stack?.Depth ?? 0;
            if (stack < DepthLeast) DepthLeast = stack;
            int start = starts[node], end = starts[node + 1];
            if (start < end)
            {
                for (; start < end; start++) Ids.Add(trie.TokensInOrder[start]);
                Weigh(cursor);
            }
            node++;
        }
        machine.Spend(visited);
    }

    /// <summary>Upper bound on the compact bytes after the leaf at <paramref name="cursor"/>.</summary>
    public int UpperAfterLeaf(in Cursor cursor) => machine.Levels.UpperOf(cursor) + (cursor.Stack?.MostClose ?? 0);

    private void Weigh(in Cursor cursor)
    {
        // Neighbours in the trie mostly end in the same place.
        if (cursor.At != _lastAt) (_lastAt, _lastUpper) = (cursor.At, machine.Levels.UpperOf(cursor));
        int own = cursor.Phase switch
        {
            Phase.Scalar => Unsafe.As<ValueLeaf>(cursor.At).Automaton.ShortestCompletion(cursor.State).Length,
            Phase.Key => Unsafe.As<KeyLeaf>(cursor.At).Automaton.ShortestCompletion(cursor.State).Length,
            _ => 0,
        };
        Need(own + _lastUpper + (cursor.Stack?.MostClose ?? 0));
    }

    /// <summary>Whether a token below <paramref name="node"/> can go on to another member of the object whose key ends here.</summary>
    private bool NeedsKeys(int node) => trie.Bytes[(node + 1)..trie.Ends[node]].Contains((byte)',');

    private void FillToken(int node)
    {
        // A node's text is the last bytes of the ancestors on the way: walk down from the root.
        int at = 1;
        for (int depthNow = 0; depthNow < trie.Depths[node]; depthNow++)
        {
            while (trie.Ends[at] <= node) at = trie.Ends[at];
            _token[depthNow] = trie.Bytes[at];
            at++;
        }
    }
}
