namespace Cluster.Grammar.Masks;

/// <summary>
/// The rows of string bodies of which only the length is constrained, from the row of the free body: tokens are sorted once by the code points
/// that they need, and a limit is then a cut. Nothing is walked, and every limit that no token reaches has the free row itself.
/// </summary>
internal sealed class LengthRows
{
    // An unfinished character or escape in a token, and the closing quote.
    private const int TailBytes = 12;

    private readonly LeafRow _free;
    private readonly int _words;
    private readonly int[] _byNeed;
    private readonly int[] _needStarts;
    private readonly int[] _exitLengths;
    private readonly int _exitLongest;
    private readonly ulong[]?[] _bits;
    private readonly Dictionary<(int Min, int Max), LeafRow> _rows = [];

    /// <param name="free">The free body's row over the whole vocabulary.</param>
    /// <param name="textOf">Spelling of a token.</param>
    public LengthRows(LeafRow free, Func<int, ReadOnlySpan<byte>> textOf, int vocabularySize)
    {
        _free = free;
        _words = (vocabularySize + 63) / 64;
        // Sorted by counting: needs are small numbers.
        var needOf = new int[vocabularySize];
        var counts = new List<int>();
        free.ForEach(id =>
        {
            int need = needOf[id] = CodePoints(textOf(id));
            while (counts.Count <= need) counts.Add(0);
            counts[need]++;
        });
        Longest = Math.Max(0, counts.Count - 1);
        _needStarts = new int[Longest + 2];
        for (int need = 0; need < counts.Count; need++) _needStarts[need + 1] = _needStarts[need] + counts[need];
        int[] next = [.. _needStarts];
        _byNeed = new int[free.Count];
        free.ForEach(id => _byNeed[next[needOf[id]]++] = id);
        _exitLengths = new int[free.Exits.Length];
        for (int i = 0; i < _exitLengths.Length; i++)
        {
            int node = free.Exits[i];
            int id = free.Trie.TokensBelow(node)[0];
            _exitLengths[i] = CodePoints(textOf(id)[..(free.Trie.Depths[node] - 1)]);
            _exitLongest = Math.Max(_exitLongest, _exitLengths[i]);
        }
        _bits = new ulong[]?[Longest + 1];
    }

    /// <summary>Most code points that any token needs: a longer limit limits no token.</summary>
    public int Longest { get; }

    /// <summary>The row of a body of <paramref name="min"/> to <paramref name="max"/> more code points; its
    /// <see cref="LeafRow.MostBytes"/> leaves <paramref name="min"/> out.</summary>
    public LeafRow Get(int min, int max)
    {
        (min, max) = (Math.Min(min, _exitLongest + 1), Math.Min(max, Math.Max(Longest, _exitLongest)));
        if (min == 0 && max >= Longest && max >= _exitLongest) return _free;
        if (_rows.TryGetValue((min, max), out LeafRow? known)) return known;
        var exits = new List<int>();
        for (int i = 0; i < _exitLengths.Length; i++)
        {
            if (_exitLengths[i] >= min && _exitLengths[i] <= max) exits.Add(_free.Exits[i]);
        }
        int most = Math.Min(max, Longest);
        LeafRow row = new(_free.Trie, [.. exits])
        {
            Inside = _bits[most] ??= BitsUpTo(most),
            Count = _needStarts[most + 1],
            MostBytes = TailBytes,
        };
        return _rows[(min, max)] = row;
    }

    private ulong[] BitsUpTo(int length)
    {
        var bits = new ulong[_words];
        foreach (int id in _byNeed.AsSpan(0, _needStarts[length + 1])) bits[id >> 6] |= 1UL << (id & 63);
        return bits;
    }

    /// <summary>Code points that a piece of a body belongs to, an unfinished last one included.</summary>
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]
    private static int CodePoints(ReadOnlySpan<byte> text)
    {
        int count = 0;
        for (int i = 0; i < text.Length; count++) i += LengthAt(text[i..]);
        return count;
    }

    private static int LengthAt(ReadOnlySpan<byte> text)
    {
        if (text[0] != '\\') return text[0] switch { < 0x80 => 1, < 0xE0 => 2, < 0xF0 => 3, _ => 4 };
        if (text.Length < 2 || text[1] != 'u') return 2;
        bool isHigh = text.Length >= 4 && (text[2] | 0x20) == 'd' && (text[3] | 0x20) is '8' or '9' or ('a' or 'b');
        return isHigh ? 12 : 6;
    }
}
