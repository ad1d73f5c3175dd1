namespace Cluster.Grammar.Rules;

/// <summary>A nonterminal that is being read: what goes on once it ends. Immutable after its set is built.</summary>
/// <param name="id">A number of its own.</param>
/// <param name="set">The set in which it began; null for the whole text.</param>
internal sealed class RuleReturn(long id, RuleSet? set)
{
    public long Id { get; } = id;

    public RuleSet? Set { get; } = set;

    /// <summary>Positions after the nonterminal, each with what follows its production.</summary>
    public List<(int Position, RuleReturn Return)> Waiting { get; } = [];

    /// <summary>Cost from its end to the end of the text.</summary>
    public long Cost { get; set; } = RuleGrammar.None;
}

/// <summary>A terminal that is being read.</summary>
/// <param name="Position">Where its symbol stands.</param>
/// <param name="Return">What follows its production.</param>
/// <param name="State">State of its automaton; -1 for a terminal that has ended.</param>
internal readonly record struct RuleItem(int Position, RuleReturn Return, int State);

/// <summary>Every way to derive the text so far: a set in the sense of Earley (CACM 13(2), 1970), as a state of a lazy automaton.</summary>
internal sealed class RuleSet
{
    /// <summary>The state from which nothing is accepted.</summary>
    public static readonly RuleSet Dead = new();

    /// <summary>The terminals that may go on.</summary>
    public RuleItem[] Scans { get; set; } = [];

    /// <summary>The text so far is a whole text.</summary>
    public bool IsComplete { get; set; }

    /// <summary>Never less than the bytes that are needed to complete; 0 where it is complete.</summary>
    public long Cost { get; set; } = RuleGrammar.None;

    /// <summary>Successors by byte, as far as known; of this generation.</summary>
    public RuleSet?[]? Next { get; set; }

    public int Generation { get; set; }
}
