namespace Cluster.Grammar.Automata.Strings;

/// <summary>
/// Conditions on the text behind a place. A <see cref="NodeKind.Behind"/> node is "everything, if condition i holds here, else nothing"; it
/// means something only inside a Located node, whose further children are the residuals of the conditions' own automata over the text read
/// so far. A residual that no longer looks behind leaves its Located node, so the conditions cost nothing once they are decided.
/// </summary>
internal static class Located
{
    public const int ConditionsMax = 60;

    public static Node Behind(int condition) => Nodes.Intern(new Node(NodeKind.Behind, [], null, condition));

    public static Node Of(Node body, ReadOnlySpan<Node> conditions) =>
        body.LooksBehind ? Nodes.Intern(new Node(NodeKind.Located, [body, .. conditions])) : body;

    public static void Fill(Node node)
    {
        node.LooksBehind = false;
        node.Nullable = Nullable(node.Head, Mask(node));
        node.CostFloor = node.Head.CostFloor;
        node.LengthFloor = node.Head.LengthFloor;
        node.LengthCeiling = node.Head.LengthCeiling;
    }

    /// <summary>The conditions that hold at the node's place, one bit each.</summary>
    public static ulong Mask(Node located)
    {
        var mask = 0UL;
        for (var i = 1; i < located.Children.Length; i++)
        {
            mask |= located.Children[i].Nullable ? 1UL << (i - 1) : 0;
        }
        return mask;
    }

    public static bool Nullable(Node node, ulong mask)
    {
        if (!node.LooksBehind)
        {
            return node.Nullable;
        }
        return node.Kind switch
        {
            NodeKind.Behind => (mask >> node.Min & 1) != 0,
            NodeKind.Not => !Nullable(node.Head, mask),
            NodeKind.Or => Array.Exists(node.Children, child => Nullable(child, mask)),
            NodeKind.Recursion => Nullable(((RecursionBody)node.Content!).Definition, mask),
            _ => Array.TrueForAll(node.Children, child => Nullable(child, mask)),
        };
    }

    public static CodePointRow? Row(Node node, Fuel fuel)
    {
        var rows = new CodePointRow[node.Children.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            if (Rows.Of(node.Children[i], fuel, i == 0 ? Mask(node) : 0) is not { } row)
            {
                return null;
            }
            rows[i] = row;
        }
        return RowMerge.Sweep(rows, fuel, targets => targets[0] is { } body
            ? Of(body, Array.ConvertAll(targets[1..], condition => condition ?? Nodes.Nothing))
            : Nodes.Nothing);
    }
}

/// <summary>
/// The definition that a Recursion node stands for: a loop whose rounds look around, <c>X = rest | round·X</c>, where a round is never empty.
/// Set once, right after the node that refers to it was made.
/// </summary>
internal sealed class RecursionBody(bool looksBehind, bool nullable)
{
    public bool LooksBehind { get; } = looksBehind;

    /// <summary>A round is never empty, so the loop accepts the empty text exactly if the rest does.</summary>
    public bool Nullable { get; } = nullable;

    public Node Definition { get; set; } = Nodes.Nothing;

    public Node Reference() => Nodes.Intern(new Node(NodeKind.Recursion, [], null, 0, 0, this));
}
