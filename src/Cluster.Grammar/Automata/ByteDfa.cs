namespace Cluster.Grammar.Automata;

/// <summary>
/// A lazily built deterministic automaton over bytes: the written form of one scalar. Trimmed: a state is either <see cref="Dead"/> or
/// can still reach acceptance. Thread-safe to read and to extend; states are small integers, equal residuals are the same state.
/// </summary>
public abstract class ByteDfa
{
    /// <summary>The state from which nothing is accepted.</summary>
    public const int Dead = 0;

    /// <summary>State before the first byte; <see cref="Dead"/> if the language is empty.</summary>
    public abstract int Start { get; }

    /// <summary>State after <paramref name="value"/>, built on first use.</summary>
    public abstract int Next(int state, byte value);

    /// <summary>The bytes read so far are a whole text of the language.</summary>
    public abstract bool IsAccepting(int state);

    /// <summary>A shortest text that leads from <paramref name="state"/> to acceptance; empty if it is accepting.</summary>
    public abstract ReadOnlySpan<byte> ShortestCompletion(int state);
}
