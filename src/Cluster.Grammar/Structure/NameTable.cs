namespace Cluster.Grammar.Structure;

/// <summary>An interned, ascending set of names: equal sets are the same object.</summary>
internal sealed class NameSet(int id, int[] names)
{
    public int[] Names { get; } = names;

    public int Count => Names.Length;

    public override int GetHashCode() => id;

    public bool Contains(int name) => Array.BinarySearch(Names, name) >= 0;

    // Sets that differ from this one by one name, filled in on first use.
    internal readonly Dictionary<int, NameSet> With = [];
}

/// <summary>Property names as small integers, and sets of them. One per machine; used under its gate.</summary>
internal sealed class NameTable
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];
    private readonly Dictionary<NameSetKey, NameSet> _sets = [];
    private readonly Dictionary<(NameSet, NameSet), NameSet> _unions = [];

    public NameTable() => Empty = Set([]);

    public NameSet Empty { get; }

    public int Count => _texts.Count;

    /// <summary>Estimated memory of names and sets.</summary>
    public long Bytes { get; private set; }

    public int IdOf(string text)
    {
        if (!_ids.TryGetValue(text, out int id))
        {
            _ids[text] = id = _texts.Count;
            _texts.Add(text);
            Bytes += 80 + 2 * text.Length;
        }
        return id;
    }

    public string TextOf(int id) => _texts[id];

    public NameSet Set(IEnumerable<int> names) => Intern([.. names.Distinct().Order()]);

    public NameSet Add(NameSet set, int name)
    {
        if (set.With.TryGetValue(name, out NameSet? known)) return known;
        int at = ~Array.BinarySearch(set.Names, name);
        return set.With[name] = at < 0 ? set : Intern([.. set.Names[..at], name, .. set.Names[at..]]);
    }

    public NameSet Union(NameSet left, NameSet right)
    {
        if (left == right || right.Count == 0) return left;
        if (left.Count == 0) return right;
        if (!_unions.TryGetValue((left, right), out NameSet? both)) _unions[(left, right)] = both = Set(left.Names.Concat(right.Names));
        return both;
    }

    public NameSet Remove(NameSet set, int name) => Intern(Array.FindAll(set.Names, x => x != name));

    private NameSet Intern(int[] names)
    {
        var key = new NameSetKey(names);
        if (!_sets.TryGetValue(key, out NameSet? set))
        {
            _sets[key] = set = new NameSet(_sets.Count, names);
            Bytes += 300 + 4 * names.Length;
        }
        return set;
    }

    private readonly struct NameSetKey(int[] names) : IEquatable<NameSetKey>
    {
        private readonly int[] _names = names;

        public bool Equals(NameSetKey other) => _names.AsSpan().SequenceEqual(other._names);

        public override bool Equals(object? obj) => obj is NameSetKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (int name in _names) hash.Add(name);
            return hash.ToHashCode();
        }
    }
}
