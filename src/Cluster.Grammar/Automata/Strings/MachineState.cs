namespace Cluster.Grammar.Automata.Strings;

/// <summary>
/// A state of a hand-made automaton over code points, for languages that are no regular expression of a sensible size. Implementations are
/// records: equal content is the same state. They are trimmed by construction: every state knows a completion.
/// </summary>
internal abstract record MachineState
{
    public abstract bool IsNullable { get; }

    /// <summary>A shortest member from here on (a short one, where finding the shortest would be a search).</summary>
    public abstract string Shortest { get; }

    /// <summary>The state after a code point; null if no member goes on so.</summary>
    public abstract MachineState? After(int codePoint);

    /// <summary>First code points of the ranges beyond ASCII on which <see cref="After"/> does not change.</summary>
    public virtual IEnumerable<int> Bounds => [];

    public void Fill(Node node)
    {
        node.IsPlain = true;
        node.Nullable = IsNullable;
        if (IsNullable)
        {
            return;
        }
        foreach (var codePoint in Scalars.Of(Shortest))
        {
            node.CostFloor += JsonCost.Cheapest(codePoint, codePoint).Cost;
            node.LengthFloor++;
        }
    }

    public CodePointRow Row()
    {
        var row = new RowBuilder();
        for (var codePoint = 0; codePoint < 0x80; codePoint++)
        {
            row.Add(codePoint, codePoint, After(codePoint)?.ToNode() ?? Nodes.Nothing);
        }
        int[] bounds = [0x80, .. Bounds.Where(bound => bound > 0x80).Distinct().Order()];
        for (var i = 0; i < bounds.Length; i++)
        {
            var last = i + 1 < bounds.Length ? bounds[i + 1] - 1 : CodePointSet.Last;
            row.Add(bounds[i], last, After(bounds[i])?.ToNode() ?? Nodes.Nothing);
        }
        return row.ToRow();
    }

    public Node ToNode() => Nodes.Intern(new Node(NodeKind.Machine, [], null, 0, 0, this));
}
