namespace Cluster.Grammar.Validation.Patterns;

/// <summary>The syntax tree of an ECMA-262 pattern. Groups leave no node: nothing here captures.</summary>
internal abstract record PatternNode
{
    public sealed record Points(CodePointSet Set) : PatternNode;

    public sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode;

    public sealed record Choice(IReadOnlyList<PatternNode> Parts) : PatternNode;

    /// <param name="Max">Null for no limit.</param>
    public sealed record Repeat(PatternNode Part, int Min, int? Max) : PatternNode;

    public sealed record TextStart : PatternNode;

    public sealed record TextEnd : PatternNode;

    public sealed record WordEdge(bool IsNegated) : PatternNode;

    public sealed record Look(PatternNode Part, bool IsBehind, bool IsNegated) : PatternNode;
}

/// <summary>A pattern that cannot be read. Never leaves <see cref="Pattern.TryParse"/>.</summary>
internal sealed class PatternException(string message) : Exception(message);
