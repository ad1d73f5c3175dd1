using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Rules;

/// <summary>
/// A context-free grammar over regular terminals, laid out flat. Position <c>p</c> stands before symbol <c>Symbols[p]</c>: a terminal's number, the
/// complement of a nonterminal's, or <see cref="End"/>. Every symbol derives some text.
/// </summary>
internal sealed class RuleGrammar
{
    /// <summary>After the last symbol of a production.</summary>
    public const int End = int.MaxValue;

    /// <summary>A cost that stands for "no text"; sums stay below.</summary>
    public const long None = long.MaxValue;

    public required int[] Symbols { get; init; }

    public required TextDfa[] Terminals { get; init; }

    /// <summary>Positions at which the productions of each nonterminal begin.</summary>
    public required int[][] Starts { get; init; }

    /// <summary>Nonterminals that derive the empty text.</summary>
    public required bool[] Nullable { get; init; }

    /// <summary>Cost of the cheapest text from each position to the end of its production.</summary>
    public required long[] RestCosts { get; init; }

    /// <summary>The nonterminal of whole texts is 0.</summary>
    public long Cost => Starts[0].Min(x => RestCosts[x]);

    public static long Sum(long left, long right) => left == None || right == None ? None : Math.Min(left + right, None - 1);
}
