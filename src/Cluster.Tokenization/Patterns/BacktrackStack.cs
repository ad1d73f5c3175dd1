using System.Buffers;

namespace Cluster.Tokenization.Patterns;

/// <summary>Untried alternatives of a running match: on the thread's stack while few, in a pooled array when many.</summary>
internal ref struct BacktrackStack(Span<long> initial)
{
    /// <summary>Beyond this a match is hopeless; no text of permitted length gets here with a published pattern.</summary>
    private const int EntriesMax = 1 << 26;

    private Span<long> _entries = initial;
    private long[]? _rented;

    public int Count { get; private set; }

    public void Push(int pc, int position, int extra)
    {
        if (Count + 2 > _entries.Length) Grow();
        _entries[Count++] = pc;
        _entries[Count++] = ((long)position << 32) | (uint)extra;
    }

    public void Pop(out int pc, out int position, out int extra)
    {
        long places = _entries[--Count];
        pc = (int)_entries[--Count];
        position = (int)(places >> 32);
        extra = (int)(uint)places;
    }

    public void CutTo(int count) => Count = count;

    public void Dispose()
    {
        if (_rented is not null) ArrayPool<long>.Shared.Return(_rented);
        _rented = null;
    }

    private void Grow()
    {
        if (_entries.Length >= EntriesMax) throw TokenizerException.Unsupported("a regular expression that backtracks this much");
        long[] larger = ArrayPool<long>.Shared.Rent(_entries.Length * 4);
        _entries[..Count].CopyTo(larger);
        Dispose();
        _rented = larger;
        _entries = larger;
    }
}
