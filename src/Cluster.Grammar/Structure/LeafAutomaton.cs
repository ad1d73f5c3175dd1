using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Structure;

/// <summary>
/// A scalar or a key while it is written: several automata side by side, and which of them have accepted. One automaton alone is kept
/// as its own states; several as interned vectors.
/// </summary>
internal sealed class LeafAutomaton
{
    private readonly ByteDfa[] _parts;
    private readonly Lock _gate = new();
    private readonly Dictionary<VectorKey, int> _ids = [];
    private volatile Vector[] _vectors = new Vector[16];
    private int _count = 1;

    /// <param name="parts">The automata; the label of an accepted text says which accept it.</param>
    /// <param name="isSelfDelimiting">Accepted texts have no continuation (they end with a quote).</param>
    public LeafAutomaton(ByteDfa[] parts, bool isSelfDelimiting)
    {
        _parts = parts;
        IsSelfDelimiting = isSelfDelimiting;
        Single = parts.Length == 1 ? parts[0] : null;
        Start = Single?.Start ?? Intern([.. parts.Select(static x => x.Start)]);
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

    /// <summary>Room for what the leaf's owner makes of an accepting state. For a leaf of several parts only.</summary>
    public ref object? ResultAt(int state) => ref _vectors[state].Result;

    /// <summary>Shortest way to acceptance by any part; of equally short ones the first part's.</summary>
    public ReadOnlySpan<byte> ShortestCompletion(int state)
    {
        if (Single is not null) return Single.ShortestCompletion(state);
        Vector vector = _vectors[state];
        int best = -1;
        for (int i = 0; i < _parts.Length; i++)
        {
            if (vector.States[i] == ByteDfa.Dead) continue;
            if (best < 0 || IsBetter(_parts[i].ShortestCompletion(vector.States[i]), _parts[best].ShortestCompletion(vector.States[best])))
            {
                best = i;
            }
        }
        return _parts[best].ShortestCompletion(vector.States[best]);
    }

    /// <summary>The one live part and its state, when the others have died.</summary>
    public bool TryGetSingle(int state, out int part, out int partState)
    {
        (part, partState) = (0, state);
        if (Single is not null) return true;
        Vector vector = _vectors[state];
        (part, partState) = (vector.SinglePart, vector.SinglePart < 0 ? 0 : vector.States[vector.SinglePart]);
        return part >= 0;
    }

    public ByteDfa PartAt(int part) => _parts[part];

    public int PartCount => _parts.Length;

    /// <summary>The state of one part in <paramref name="state"/>; <see cref="ByteDfa.Dead"/> if it has died.</summary>
    public int StateOf(int state, int part) => Single is not null ? state : _vectors[state].States[part];

    private static bool IsBetter(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
        => left.Length != right.Length ? left.Length < right.Length : left.SequenceCompareTo(right) < 0;

    private int NextOf(Vector vector, byte value)
    {
        int known = Volatile.Read(ref vector.Row[value]);
        if (known >= 0) return known;
        var states = new int[_parts.Length];
        for (int i = 0; i < states.Length; i++)
        {
            if (vector.States[i] != ByteDfa.Dead) states[i] = _parts[i].Next(vector.States[i], value);
        }
        int next = Intern(states);
        Volatile.Write(ref vector.Row[value], next);
        return next;
    }

    private int Intern(int[] states)
    {
        if (!states.AsSpan().ContainsAnyExcept(ByteDfa.Dead)) return ByteDfa.Dead;
        lock (_gate)
        {
            var key = new VectorKey(states);
            if (_ids.TryGetValue(key, out int id)) return id;
            id = _count++;
            if (id == _vectors.Length)
            {
                Vector[] grown = new Vector[_vectors.Length * 2];
                _vectors.CopyTo(grown, 0);
                _vectors = grown;
            }
            _vectors[id] = new Vector(_parts, states);
            _ids[key] = id;
            return id;
        }
    }

    private sealed class Vector
    {
        public Vector(ByteDfa[] parts, int[] states)
        {
            States = states;
            var accepted = new List<(int, int)>();
            int live = 0;
            for (int i = 0; i < states.Length; i++)
            {
                if (states[i] == ByteDfa.Dead) continue;
                live++;
                SinglePart = i;
                if (parts[i].IsAccepting(states[i])) accepted.Add((i, parts[i].LiteralAt(states[i])));
            }
            if (live != 1) SinglePart = -1;
            Accepted = [.. accepted];
            Row = new int[256];
            Array.Fill(Row, -1);
        }

        public int[] States { get; }

        public (int Part, int Literal)[] Accepted { get; }

        public int SinglePart { get; }

        public int[] Row { get; }

        public object? Result;
    }

    private readonly struct VectorKey(int[] states) : IEquatable<VectorKey>
    {
        private readonly int[] _states = states;

        public bool Equals(VectorKey other) => _states.AsSpan().SequenceEqual(other._states);

        public override bool Equals(object? obj) => obj is VectorKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (int state in _states) hash.Add(state);
            return hash.ToHashCode();
        }
    }
}
