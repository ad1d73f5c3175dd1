namespace Cluster.Grammar.Automata;

/// <summary>
/// A deterministic budget of work, in engine operations: the same input spends the same fuel on every machine. One per compile and one
/// per mask; not thread-safe.
/// </summary>
public sealed class Fuel(long limit)
{
    /// <summary>Operations allowed.</summary>
    public long Limit { get; } = limit;

    /// <summary>Operations spent so far; may exceed <see cref="Limit"/> by the last charge.</summary>
    public long Spent { get; private set; }

    public bool IsSpent => Spent > Limit;

    /// <summary>Spends <paramref name="operations"/>; false once the budget is exceeded.</summary>
    public bool TrySpend(long operations)
    {
        Spent += operations;
        return Spent <= Limit;
    }
}
