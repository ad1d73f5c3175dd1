namespace Cluster.Grammar.Automata;

/// <summary>
/// A cache bounded in bytes. Values grow after they were added (automata are lazy), so sizes are asked again at each sweep; a sweep keeps what was used
/// since the last one, newest first. Evicted values stay valid for whoever holds them.
/// </summary>
/// <param name="bytesMax">Asked at each sweep.</param>
internal sealed class LeafCache<TKey, TValue>(Func<long> bytesMax, Func<TValue, long> bytesOf) where TKey : notnull where TValue : class
{
    private const int AddsMin = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Entry> _entries = [];
    private long _clock;
    private int _adds;

    /// <summary>One of the caches that all grammars of the process share.</summary>
    /// <param name="share">Of <see cref="SharedAutomata"/>.</param>
    public static LeafCache<TKey, TValue> Shared(int share, Func<TValue, long> bytesOf)
    {
        var cache = new LeafCache<TKey, TValue>(() => SharedAutomata.ShareOf(share), bytesOf);
        SharedAutomata.Add(() => cache.Bytes);
        return cache;
    }

    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _entries.Values.Sum(entry => bytesOf(entry.Value));
            }
        }
    }

    public bool TryGet(TKey key, out TValue value)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var entry))
            {
                entry.Used = ++_clock;
                value = entry.Value;
                return true;
            }
        }
        value = null!;
        return false;
    }

    /// <summary>Adds a value, or returns the one that another thread added first.</summary>
    public TValue Add(TKey key, TValue value)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var known))
            {
                return known.Value;
            }
            _entries.Add(key, new Entry(value) { Used = ++_clock });
            // The more entries, the dearer a sweep and the less one more of them matters.
            if (++_adds >= Math.Max(AddsMin, _entries.Count / 4))
            {
                _adds = 0;
                Sweep();
            }
            return value;
        }
    }

    // Down to three quarters, so that a full cache does not sweep at each addition.
    private void Sweep()
    {
        var total = _entries.Values.Sum(entry => bytesOf(entry.Value));
        var most = bytesMax();
        if (total <= most)
        {
            return;
        }
        foreach (var (key, entry) in _entries.OrderBy(pair => pair.Value.Used).ToArray())
        {
            if (total <= most / 4 * 3)
            {
                return;
            }
            total -= bytesOf(entry.Value);
            _entries.Remove(key);
        }
    }

    private sealed class Entry(TValue value)
    {
        public TValue Value { get; } = value;

        public long Used { get; set; }
    }
}
