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

    /// <summary>Some verdict depended on the text of an unfinished key or item.</summary>
    public bool IsTextual { get; set; }

    public void Need(int bytes) => MostBytes = Math.Max(MostBytes, bytes);

    /// <summary>Walks the whole vocabulary.</summary>
    public void Whole(in Cursor from)
        => Walk(from, trie.Bytes, trie.Ends, trie.Depths, trie.TokenStarts, trie.TokensInOrder, null, true);

    /// <summary>Walks what tokens go on with after a leaf, from the cursor after it.</summary>
    public void After(in Cursor from, Remainders remainders, HashSet<int>? excluded)
        => Walk(from, remainders.Bytes, remainders.Ends, remainders.Depths, remainders.TokenStarts, remainders.Tokens, excluded, false);

    private void Walk(Cursor from, ReadOnlySpan<byte> bytes, ReadOnlySpan<int> ends, ReadOnlySpan<ushort> depths, ReadOnlySpan<int> starts,
        ReadOnlySpan<int> tokens, HashSet<int>? excluded, bool isWhole)
    {
        from.KeyStart = 0;
        cursors[0] = from;
        Take(from, tokens[starts[0]..starts[1]], excluded);
        long visited = 0;
        for (int node = 1; node < bytes.Length;)
        {
            int at = depths[node];
            byte value = bytes[node];
            _token[at - 1] = value;
            ref Cursor cursor = ref cursors[at];
            cursor = cursors[at - 1];
            visited++;
            // Which key it was matters only to a token that can go on to another member of the object.
            bool goesOn = (cursor.Captured is not null || cursor.Phase == Phase.Key && value == '"')
                && (value == ',' || bytes[(node + 1)..ends[node]].Contains((byte)','));
            // Of remembered items, only a walk of whole tokens knows the text; after a leaf such tokens were tried one by one.
            bool needsKeys = goesOn && (cursor.Phase == Phase.Key ? value == '"' : isWhole && cursor.Captured is not null);
            if (!machine.Stepper.Step(ref cursor, value, _token, at - 1, needsKeys))
            {
                node = ends[node];
                continue;
            }
            int stack = cursor.Stack?.Depth ?? 0;
            if (stack < DepthLeast) DepthLeast = stack;
            int start = starts[node], end = starts[node + 1];
            if (start < end) Take(cursor, tokens[start..end], excluded);
            node++;
        }
        machine.Spend(visited);
    }

    /// <summary>Allows one token that leads to <paramref name="cursor"/>.</summary>
    public void Take(in Cursor cursor, int id)
    {
        DepthLeast = Math.Min(DepthLeast, cursor.Stack?.Depth ?? 0);
        Weigh(cursor);
        Ids.Add(id);
    }

    private void Take(in Cursor cursor, ReadOnlySpan<int> tokens, HashSet<int>? excluded)
    {
        if (tokens.IsEmpty) return;
        Weigh(cursor);
        foreach (int id in tokens)
        {
            if (excluded is null || !excluded.Contains(id)) Ids.Add(id);
        }
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
}
