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

    /// <summary>Length of <see cref="ShortestCompletion"/>, without writing the text where the length is known from the structure.</summary>
    public virtual int ShortestLength(int state) => ShortestCompletion(state).Length;

    /// <summary>All the successors of a state, by byte: for walks that ask for many of them.</summary>
    public abstract ReadOnlySpan<int> Row(int state);

    /// <summary>The same as the automaton's own table, for walks that keep it; null where it has none.</summary>
    internal virtual int[]? Table(int state) => null;

    /// <summary>Texts end with a quote, and nowhere else is one read: where another byte was, acceptance need not be asked for.</summary>
    internal virtual bool EndsWithQuote => false;

    /// <summary>What can be read safely from a state of a string body that lies between two characters; empty where that is not known.</summary>
    internal virtual SafeBytes SafeFrom(int state) => default;

    /// <summary>States known so far, <see cref="Dead"/> included.</summary>
    public abstract int StateCount { get; }

    /// <summary>Memory held, estimated; grows as states are built.</summary>
    public abstract long Bytes { get; }

    /// <summary>States whose successors could not all be decided within the fuel of one state; those successors count as dead. 0 on ordinary input.</summary>
    public virtual int NarrowedStates => 0;

    /// <summary>Which literal an accepting state stands for (its place in the caller's list), where the automaton tells them apart; else -1.</summary>
    public virtual int LiteralAt(int state) => -1;

    /// <summary>
    /// True if <paramref name="state"/> lies between two characters of a string body of which only the length is constrained: what follows
    /// is any text of <paramref name="min"/> to <paramref name="max"/> code points, then the closing quote. A mask can then be cut by the tokens'
    /// lengths instead of walked.
    /// </summary>
    public virtual bool TryGetFreeText(int state, out int min, out int max)
    {
        (min, max) = (0, 0);
        return false;
    }

    /// <summary>
    /// True if <paramref name="state"/> lies between two characters of a string body with an upper limit on its length: <paramref name="start"/> of
    /// <paramref name="unlimited"/> is the same state without it. While the limit is far, both say the same about a token.
    /// </summary>
    /// <param name="limit">Most code points still to come.</param>
    internal virtual bool TryGetUnlimited(int state, out ByteDfa unlimited, out int start, out int limit)
    {
        (unlimited, start, limit) = (this, state, int.MaxValue);
        return false;
    }
}
