namespace Cluster.Grammar.Tags;

/// <summary>
/// Finds the first of several texts in a stream of bytes (Aho and Corasick, CACM 18(6), 1975). State 0 has read nothing of any; each other
/// one stands for the longest suffix of the input that begins some text.
/// </summary>
internal sealed class TriggerDfa
{
    private readonly List<int[]> _rows = [];
    private readonly List<byte[]> _prefixes = [];
    private readonly List<int[]> _found = [];

    public TriggerDfa(byte[][] triggers)
    {
        Triggers = triggers;
        Add([]);
        var children = new List<Dictionary<byte, int>> { new() };
        foreach (byte[] trigger in triggers)
        {
            int state = 0;
            for (int i = 0; i < trigger.Length; i++)
            {
                if (!children[state].TryGetValue(trigger[i], out int child))
                {
                    child = Add(trigger[..(i + 1)]);
                    children[state][trigger[i]] = child;
                    children.Add([]);
                }
                state = child;
            }
        }
        var fallback = new int[_rows.Count];
        var open = new Queue<int>([0]);
        while (open.TryDequeue(out int state))
        {
            if (state != 0) _rows[fallback[state]].CopyTo(_rows[state], 0);
            foreach ((byte value, int child) in children[state])
            {
                fallback[child] = state == 0 ? 0 : _rows[fallback[state]][value];
                _rows[state][value] = child;
                open.Enqueue(child);
            }
            byte[] prefix = _prefixes[state];
            _found[state] = [.. Enumerable.Range(0, triggers.Length).Where(x => prefix.AsSpan().EndsWith(triggers[x]))];
        }
    }

    public byte[][] Triggers { get; }

    public int StateCount => _rows.Count;

    public int Next(int state, byte value) => _rows[state][value];

    /// <summary>The triggers that end here; the stream is then not read on.</summary>
    public int[] FoundAt(int state) => _found[state];

    /// <summary>Bytes that may yet turn out to begin a trigger.</summary>
    public int DepthOf(int state) => _prefixes[state].Length;

    /// <summary>Bytes of trigger number <paramref name="trigger"/> that are read already.</summary>
    public int ReadOf(int state, int trigger)
    {
        for (int length = Math.Min(_prefixes[state].Length, Triggers[trigger].Length); length > 0; length--)
        {
            if (_prefixes[state].AsSpan().EndsWith(Triggers[trigger].AsSpan(0, length))) return length;
        }
        return 0;
    }

    private int Add(byte[] prefix)
    {
        _rows.Add(new int[256]);
        _prefixes.Add(prefix);
        _found.Add([]);
        return _rows.Count - 1;
    }
}
