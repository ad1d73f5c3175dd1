using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Rules;

/// <summary>The right side of a rule, as written: what any front end reads its notation into.</summary>
internal abstract record RuleExpression
{
    /// <summary>A regular language, taken as one piece.</summary>
    internal sealed record Terminal(Node Language) : RuleExpression;

    /// <summary>Another rule, by number.</summary>
    internal sealed record Reference(int Rule) : RuleExpression;

    internal sealed record Sequence(IReadOnlyList<RuleExpression> Items) : RuleExpression;

    internal sealed record Choice(IReadOnlyList<RuleExpression> Branches) : RuleExpression;

    /// <summary>Between <paramref name="Min"/> and <paramref name="Max"/> rounds; <see cref="Node.Unbounded"/> for no bound.</summary>
    internal sealed record Repeat(RuleExpression Body, int Min, int Max) : RuleExpression;
}
