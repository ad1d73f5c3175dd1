namespace Cluster.Grammar.Automata.Strings;

/// <summary>
/// A state of a hand-made automaton over code points, for languages that are no regular expression of a sensible size. Implementations are
/// records: equal content is the same state. They are trimmed by construction.
/// </summary>
internal abstract record MachineState
{
    /// <summary>Sets what is known: nullable, floors, and never plainness, which promises a structure to read a witness off.</summary>
    public abstract void Fill(Node node);

    public abstract CodePointRow Row();

    public Node ToNode() => Nodes.Intern(new Node(NodeKind.Machine, [], null, 0, 0, this));
}
