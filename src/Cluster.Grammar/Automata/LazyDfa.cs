using System.Diagnostics;

namespace Cluster.Grammar.Automata;

/// <summary>
/// The tables of a lazy automaton whose states are keys. A row is built whole on first use: a mask walk asks for most bytes of a state
/// anyway, and a whole row is one look-up afterwards, with no branch for "not yet known". Readers take no lock; builders take one per automaton.
/// </summary>
internal abstract class LazyDfa<TKey> : ByteDfa where TKey : notnull, IEquatable<TKey>
{
    private static readonly int[] DeadRow = new int[256];

    // Longer completions are written anew each time: one for every state of a long text would be its length squared.
    private const int KeptCompletionMax = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, int> _ids = [];
    private TKey[] _keys = new TKey[8];
    private bool[] _accepting = new bool[8];
    private volatile int[]?[] _rows = new int[]?[8];
    private byte[]?[] _completions = new byte[]?[8];
    private int _count = 1;
    private int _narrowed;
    private long _bytes = 512;

    protected LazyDfa() => _rows[Dead] = DeadRow;

    public sealed override int StateCount => Volatile.Read(ref _count);

    public sealed override long Bytes => Interlocked.Read(ref _bytes);

    public sealed override int NarrowedStates => Volatile.Read(ref _narrowed);

    public sealed override int Next(int state, byte value) => (_rows[state] ?? Build(state))[value];

    public sealed override ReadOnlySpan<int> Row(int state) => _rows[state] ?? Build(state);

    internal sealed override int[] Table(int state) => _rows[state] ?? Build(state);

    public sealed override bool IsAccepting(int state) => Volatile.Read(ref _accepting)[state];

    public sealed override ReadOnlySpan<byte> ShortestCompletion(int state)
    {
        if (state == Dead || IsAccepting(state))
        {
            return [];
        }
        if (Volatile.Read(ref _completions)[state] is { } known)
        {
            return known;
        }
        var completion = Complete(KeyOf(state));
        if (completion.Length > KeptCompletionMax)
        {
            return completion;
        }
        lock (_gate)
        {
            _completions[state] = completion;
            _bytes += 24 + completion.Length;
        }
        return completion;
    }

    /// <summary>Fills the successors of a state; called once per state.</summary>
    protected abstract void Expand(TKey key, Span<int> row);

    protected abstract bool Accepts(TKey key);

    /// <summary>A shortest text from a live, non-accepting state to acceptance.</summary>
    protected abstract byte[] Complete(TKey key);

    /// <summary>Bytes that a key holds beyond its own size.</summary>
    protected virtual int BytesOf(TKey key) => 0;

    protected TKey KeyOf(int state) => Volatile.Read(ref _keys)[state];

    /// <summary>The state of a live key.</summary>
    protected int Intern(TKey key)
    {
        lock (_gate)
        {
            if (_ids.TryGetValue(key, out var known))
            {
                return known;
            }
            if (_count == _keys.Length)
            {
                Grow();
            }
            var state = _count;
            _keys[state] = key;
            _accepting[state] = Accepts(key);
            _ids.Add(key, state);
            _bytes += 96 + BytesOf(key);
            Volatile.Write(ref _count, state + 1);
            return state;
        }
    }

    /// <summary>The state of a key, if it has one. For builders, which hold the lock.</summary>
    protected bool TryFind(TKey key, out int state) => _ids.TryGetValue(key, out state);

    protected void Narrow() => Interlocked.Increment(ref _narrowed);

    private int[] Build(int state)
    {
        Debug.Assert(state > 0 && state < _count, "a state of another automaton");
        lock (_gate)
        {
            if (_rows[state] is { } known)
            {
                return known;
            }
            var row = new int[256];
            Expand(_keys[state], row);
            _rows[state] = row;
            _bytes += 1_048;
            return row;
        }
    }

    // Copies, so that a reader without the lock sees either the old arrays or the new ones, whole.
    private void Grow()
    {
        var size = _count * 2;
        var keys = new TKey[size];
        Array.Copy(_keys, keys, _count);
        var accepting = new bool[size];
        Array.Copy(_accepting, accepting, _count);
        var completions = new byte[]?[size];
        Array.Copy(_completions, completions, _count);
        var rows = new int[]?[size];
        Array.Copy(_rows, rows, _count);
        Volatile.Write(ref _keys, keys);
        Volatile.Write(ref _accepting, accepting);
        Volatile.Write(ref _completions, completions);
        _rows = rows;
    }
}
