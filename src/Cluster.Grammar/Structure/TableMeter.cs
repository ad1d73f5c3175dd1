using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Structure;

/// <summary>
/// Estimated memory of one machine's tables, summed up where they are made. Tables only grow; what bounds them is that their owner starts anew
/// (<see cref="CompiledGrammar"/>).
/// </summary>
internal sealed class TableMeter
{
    // Automata grow behind their owner's back: they are asked again after so many bytes of anything else.
    private const long AskedEvery = 256 << 10;

    private readonly HashSet<ByteDfa> _automata = [];
    private long _bytes, _automataBytes;
    private long _askedAt = -AskedEvery;

    /// <summary>Bytes of everything added, and of the automata as they are now.</summary>
    public long Bytes
    {
        get
        {
            long bytes = Interlocked.Read(ref _bytes);
            lock (_automata)
            {
                if (bytes - _askedAt >= AskedEvery) (_askedAt, _automataBytes) = (bytes, _automata.Sum(static x => x.Bytes));
                return bytes + _automataBytes;
            }
        }
    }

    public void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>Counts an automaton as long as it is referred to, shared or not.</summary>
    public ByteDfa Use(ByteDfa automaton)
    {
        lock (_automata)
        {
            if (_automata.Add(automaton)) Add(64);
        }
        return automaton;
    }
}
