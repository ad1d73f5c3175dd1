namespace Cluster.Grammar;

/// <summary>
/// What all grammars of this process share: the automata of texts, numbers and names, and the expressions that they are made of. Schemas repeat
/// each other, so these are worth more than any one grammar's own, and their bound is one for all of them.
/// </summary>
/// <remarks>Process-wide, as what it bounds is: equal automata are the same object, whichever schema asked first. Each kind has a fixed share.</remarks>
public static class SharedAutomata
{
    /// <summary>512 MiB.</summary>
    public const long BytesMaxByDefault = 512L << 20;

    // Of the kinds' shares together, see the users of ShareOf.
    private const long AllShares = 616;

    private static readonly Lock Gate = new();
    private static readonly List<Func<long>> Sizes = [];
    private static long _bytesMax = BytesMaxByDefault;

    /// <summary>Most memory, in bytes; half of it again for the rows of leaves of each vocabulary. Takes effect with the next automaton that is made.</summary>
    public static long BytesMax
    {
        get => Volatile.Read(ref _bytesMax);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            Volatile.Write(ref _bytesMax, value);
        }
    }

    /// <summary>Estimated memory at present.</summary>
    public static long Bytes
    {
        get
        {
            Func<long>[] sizes;
            lock (Gate) sizes = [.. Sizes];
            return sizes.Sum(static size => size());
        }
    }

    /// <summary>Most memory of the rows of leaves of one vocabulary.</summary>
    internal static long RowBytesMax => BytesMax / 2;

    /// <summary>The bound of one kind.</summary>
    internal static long ShareOf(int share) => (long)(BytesMax * (share / (double)AllShares));

    internal static void Add(Func<long> size)
    {
        lock (Gate) Sizes.Add(size);
    }
}
