namespace Cluster.Grammar.Automata.Strings;

internal enum NodeKind : byte { Nothing, Empty, Set, Concat, Or, And, Not, Repeat, Trie, Machine, Recursion, Behind, Located }

/// <summary>
/// An immutable, hash-consed expression over code points: a language, and at the same time a state of its automaton (the residual after
/// what was read). Made only by <see cref="Nodes"/>, whose smart constructors keep equal residuals equal often enough for the automata
/// to be finite and small. A counter is a value in the node, so <c>a{1,100000}</c> is one node and not a hundred thousand.
/// </summary>
internal sealed class Node
{
    public const int Unbounded = int.MaxValue;

    private static int lastId;

    public Node(NodeKind kind, Node[] children, CodePointSet? set = null, int min = 0, int max = 0, object? content = null)
    {
        Kind = kind;
        Children = children;
        Set = set;
        Min = min;
        Max = max;
        Content = content;
    }

    public NodeKind Kind { get; }

    /// <summary>Concat: head and tail. Or, And: members by <see cref="Id"/>. Not, Repeat: the body. Located: the node, then what stands behind.</summary>
    public Node[] Children { get; }

    public CodePointSet? Set { get; }

    /// <summary>Repeat: fewest rounds. Trie: first literal of the range. Behind: index of the condition.</summary>
    public int Min { get; }

    /// <summary>Repeat: most rounds. Trie: end of the range of literals.</summary>
    public int Max { get; }

    /// <summary>Trie: its literals with the depth read so far. Machine: its state. Recursion: its definition's holder.</summary>
    public object? Content { get; }

    /// <summary>Creation order: a total order of nodes within a process.</summary>
    public int Id { get; } = Interlocked.Increment(ref lastId);

    /// <summary>Contains the empty text (where no <see cref="NodeKind.Behind"/> is involved; else it depends on the place).</summary>
    public bool Nullable { get; set; }

    /// <summary>Not empty by construction, and <see cref="CostFloor"/> is exact: no And, no Not, nothing that looks around.</summary>
    public bool IsPlain { get; set; }

    /// <summary>Mentions a condition on the text behind, so it means something only inside a Located node.</summary>
    public bool LooksBehind { get; set; }

    /// <summary>Holds a Recursion: And must distribute over it, or the residuals would nest for ever.</summary>
    public bool Recurses { get; set; }

    /// <summary>Nesting, not counting the spine of concatenations; bounded, so that walking a node may use the native stack.</summary>
    public int Depth { get; set; }

    /// <summary>No member has fewer code points.</summary>
    public long LengthFloor { get; set; }

    /// <summary>No member has more code points; <see cref="long.MaxValue"/> without a bound.</summary>
    public long LengthCeiling { get; set; } = long.MaxValue;

    /// <summary>There is a member of every length from floor to ceiling: an intersection with lengths is then decided without a search.</summary>
    public bool IsDense { get; set; }

    /// <summary>Never more than the bytes of the shortest member, in JSON.</summary>
    public long CostFloor { get; set; }

    /// <summary>Bytes of the shortest member once known; -1 before, <see cref="long.MaxValue"/> if there is none.</summary>
    public long Cost { get; set; } = -1;

    /// <summary>Fuel that finding out <see cref="Cost"/> took; asked again, it is charged again, so that a compile costs the same warm or cold.</summary>
    public long CostFuel { get; set; } = 1;

    /// <summary>The node's derivatives, once they were needed.</summary>
    public CodePointRow? Row { get; set; }

    /// <summary>The row without the steps that lead to empty residuals, once it was needed.</summary>
    public CodePointRow? LiveRow { get; set; }

    public bool IsLengths => Kind == NodeKind.Repeat && ReferenceEquals(Children[0], Nodes.Any);

    public Node Head => Children[0];

    public Node Tail => Children[1];

    public override string ToString() => NodePrinter.Print(this);
}

/// <summary>The derivatives of a node: sorted, disjoint ranges of code points, each with what may follow. Ranges absent lead nowhere.</summary>
internal sealed class CodePointRow(CodePointStep[] steps)
{
    public static readonly CodePointRow None = new([]);

    public CodePointStep[] Steps { get; } = steps;

    /// <summary>Fuel that building it took, the rows of subexpressions included; charged again at each use.</summary>
    public long Fuel { get; set; }

    /// <summary>Index of the step that holds <paramref name="codePoint"/>, or of the first one above it.</summary>
    public int IndexFrom(int codePoint)
    {
        int low = 0, high = Steps.Length;
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (Steps[middle].High < codePoint) { low = middle + 1; } else { high = middle; }
        }
        return low;
    }

    public Node? Target(int codePoint)
    {
        var index = IndexFrom(codePoint);
        return index < Steps.Length && Steps[index].Low <= codePoint ? Steps[index].Target : null;
    }
}

internal readonly record struct CodePointStep(int Low, int High, Node Target);
