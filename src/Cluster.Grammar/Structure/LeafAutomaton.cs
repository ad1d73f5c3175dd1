using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Structure;

/// <summary>
/// A scalar or a key while it is written: several automata side by side, and which of them have accepted. One automaton alone is kept
/// as its own states; several as interned lists of those that are still alive.
/// </summary>
internal sealed class LeafAutomaton
{
    private readonly ByteDfa[] _parts;
    private readonly TableMeter _meter;

    // Where there are several parts.
    private readonly Lock _gate = null!;
    private readonly Dictionary<StatesKey, int> _ids = null!;
    private volatile Vector[] _vectors = [];
    private int _count = 1;

    /// <param name="parts">The automata; the label of an accepted text says which accept it.</param>
    /// <param name="isSelfDelimiting">Accepted texts have no continuation (they end with a quote).</param>
    /// <param name="meter">Counts what is built.</param>
    public LeafAutomaton(ByteDfa[] parts, bool isSelfDelimiting, TableMeter meter)
    {
        _meter = meter;
        meter.Add(160 + 8L * parts.Length);
        _parts = parts;
        IsSelfDelimiting = isSelfDelimiting;
        Single = parts.Length == 1 ? parts[0] : null;
        if (Single is not null)
        {
            Start = Single.Start;
            return;
        }
        (_gate, _ids, _vectors) = (new Lock(), [], new Vector[16]);
        var live = new List<(int, int)>(parts.Length);
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i].Start != ByteDfa.Dead) live.Add((i, parts[i].Start));
        }
        Start = Intern([.. live]);
    }

    /// <summary>The automaton, when there is only one: its states are this leaf's states.</summary>
    public ByteDfa? Single { get; }

    public bool IsSelfDelimiting { get; }

    /// <summary>State before the first byte; 0 when nothing is accepted.</summary>
    public int Start { get; }

    public int Next(int state, byte value) => Single is not null ? Single.Next(state, value) : NextOf(_vectors[state], value);

    public bool IsAccepting(int state) => Single is not null ? Single.IsAccepting(state) : _vectors[state].Accepted.Length > 0;

    /// <summary>Which parts accept, and which literal each stands for (-1: none). For a leaf of several parts only.</summary>
    public (int Part, int Literal)[] AcceptedAt(int state) => _vectors[state].Accepted;

    /// <summary>The parts that are alive, in order, each with its own state. For a leaf of several parts only.</summary>
    public ReadOnlySpan<(int Part, int State)> LivePartsOf(int state) => _vectors[state].Live;

    /// <summary>Room for what the leaf's owner makes of an accepting state. For a leaf of several parts only.</summary>
    public ref object? ResultAt(int state) => ref _vectors[state].Result;

    /// <summary>Length of <see cref="ShortestCompletion(int)"/>, without writing it where structure tells.</summary>
    public int ShortestLength(int state)
    {
        if (Single is not null) return Single.ShortestLength(state);
        Vector vector = _vectors[state];
        if (vector.ShortestLength < 0)
        {
            int least = int.MaxValue;
            foreach ((int part, int own) in vector.Live) least = Math.Min(least, _parts[part].ShortestLength(own));
            vector.ShortestLength = least == int.MaxValue ? 0 : least;
        }
        return vector.ShortestLength;
    }

    /// <summary>Shortest way to acceptance by any part; of equally short ones the first part's.</summary>
    public ReadOnlySpan<byte> ShortestCompletion(int state)
    {
        if (Single is not null) return Single.ShortestCompletion(state);
        ReadOnlySpan<byte> best = [];
        bool isFirst = true;
        foreach ((int part, int own) in _vectors[state].Live)
        {
            ReadOnlySpan<byte> rest = _parts[part].ShortestCompletion(own);
            if (isFirst || rest.Length < best.Length || rest.Length == best.Length && rest.SequenceCompareTo(best) < 0) best = rest;
            isFirst = false;
        }
        return best;
    }

    /// <summary>The one live part and its state, when the others have died.</summary>
    public bool TryGetSingle(int state, out int part, out int partState)
    {
        (part, partState) = (0, state);
        if (Single is not null) return true;
        (int Part, int State)[] live = _vectors[state].Live;
        if (live.Length == 1) (part, partState) = live[0];
        return live.Length == 1;
    }

    public ByteDfa PartAt(int part) => _parts[part];

    public int PartCount => _parts.Length;

    private int NextOf(Vector vector, byte value)
    {
        if (vector.TryGetNext(value, out int known)) return known;
        var live = new List<(int, int)>(vector.Live.Length);
        foreach ((int part, int own) in vector.Live)
        {
            int after = _parts[part].Next(own, value);
            if (after != ByteDfa.Dead) live.Add((part, after));
        }
        int next = Intern([.. live]);
        lock (_gate) vector.SetNext(value, next, _meter);
        return next;
    }

    private int Intern((int Part, int State)[] live)
    {
        if (live.Length == 0) return ByteDfa.Dead;
        lock (_gate)
        {
            var key = new StatesKey(live);
            if (_ids.TryGetValue(key, out int id)) return id;
            id = _count++;
            if (id == _vectors.Length)
            {
                Vector[] grown = new Vector[_vectors.Length * 2];
                _vectors.CopyTo(grown, 0);
                _vectors = grown;
            }
            _vectors[id] = new Vector(_parts, live);
            _meter.Add(200 + 16L * live.Length);
            _ids[key] = id;
            return id;
        }
    }

    private sealed class Vector
    {
        private const int ListedMax = 12;

        public Vector(ByteDfa[] parts, (int Part, int State)[] live)
        {
            Live = live;
            List<(int, int)>? accepted = null;
            foreach ((int part, int state) in live)
            {
                if (parts[part].IsAccepting(state)) (accepted ??= []).Add((part, parts[part].LiteralAt(state)));
            }
            Accepted = accepted is null ? [] : [.. accepted];
        }

        public (int Part, int State)[] Live { get; }

        public (int Part, int Literal)[] Accepted { get; }

        public object? Result;

        /// <summary>-1 until it is asked for.</summary>
        public int ShortestLength = -1;

        // Few bytes are ever read from one state: successors are listed, byte in the low bits, until there are many of them.
        private int[] _listed = [];

        // Successors, plus one; 0 where not known yet.
        private int[]? _row;

        public bool TryGetNext(byte value, out int next)
        {
            if (Volatile.Read(ref _row) is { } row)
            {
                next = Volatile.Read(ref row[value]) - 1;
                return next >= 0;
            }
            foreach (int entry in Volatile.Read(ref _listed))
            {
                if ((byte)entry != value) continue;
                next = entry >> 8;
                return true;
            }
            next = 0;
            return false;
        }

        /// <summary>Under the automaton's gate.</summary>
        public void SetNext(byte value, int next, TableMeter meter)
        {
            if (_row is not null)
            {
                Volatile.Write(ref _row[value], next + 1);
            }
            else if (_listed.Length < ListedMax && next < 1 << 23)
            {
                Volatile.Write(ref _listed, [.. _listed, next << 8 | value]);
            }
            else
            {
                var row = new int[256];
                meter.Add(1_048);
                foreach (int entry in _listed) row[(byte)entry] = (entry >> 8) + 1;
                row[value] = next + 1;
                Volatile.Write(ref _row, row);
            }
        }
    }

    private readonly struct StatesKey((int Part, int State)[] live) : IEquatable<StatesKey>
    {
        private readonly (int Part, int State)[] _live = live;

        public bool Equals(StatesKey other) => _live.AsSpan().SequenceEqual(other._live);

        public override bool Equals(object? obj) => obj is StatesKey other && Equals(other);

        public override int GetHashCode()
        {
            uint hash = 17;
            foreach ((int part, int state) in _live) hash = (hash * 31 + (uint)part) * 0x9E3779B1 + (uint)state;
            return (int)hash;
        }
    }
}
