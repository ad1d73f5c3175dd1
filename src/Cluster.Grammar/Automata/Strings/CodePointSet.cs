namespace Cluster.Grammar.Automata.Strings;

/// <summary>
/// An immutable set of Unicode scalar values as sorted, disjoint, non-adjacent ranges. Surrogates are never members: a JSON string that
/// holds a lone one decodes to no text, so no language contains it.
/// </summary>
internal sealed class CodePointSet : IEquatable<CodePointSet>
{
    public const int Last = 0x10FFFF;
    public static readonly CodePointSet None = new([]);
    public static readonly CodePointSet All = Of((0, Last));

    private readonly (int Low, int High)[] _ranges;
    private readonly int _hash;

    private CodePointSet((int Low, int High)[] ranges)
    {
        _ranges = ranges;
        var hash = new HashCode();
        foreach (var range in ranges)
        {
            hash.Add(range);
        }
        _hash = hash.ToHashCode();
    }

    public ReadOnlySpan<(int Low, int High)> Ranges => _ranges;

    public bool IsEmpty => _ranges.Length == 0;

    public static CodePointSet Of(params IEnumerable<(int Low, int High)> ranges)
    {
        var sorted = new List<(int Low, int High)>();
        foreach (var (low, high) in ranges)
        {
            Add(sorted, low, Math.Min(high, 0xD7FF));
            Add(sorted, Math.Max(low, 0xE000), Math.Min(high, Last));
        }
        sorted.Sort();
        var merged = new List<(int Low, int High)>(sorted.Count);
        foreach (var range in sorted)
        {
            if (merged.Count > 0 && range.Low <= merged[^1].High + 1)
            {
                merged[^1] = (merged[^1].Low, Math.Max(merged[^1].High, range.High));
            }
            else
            {
                merged.Add(range);
            }
        }
        return new CodePointSet([.. merged]);

        static void Add(List<(int, int)> into, int low, int high)
        {
            if (low <= high)
            {
                into.Add((low, high));
            }
        }
    }

    private static readonly CodePointSet[] Ascii = [.. Enumerable.Range(0, 0x80).Select(codePoint => new CodePointSet([(codePoint, codePoint)]))];

    public static CodePointSet Single(int codePoint) => codePoint < Ascii.Length ? Ascii[codePoint] : Of((codePoint, codePoint));

    public static CodePointSet OfChars(string characters) => Of(characters.Select(c => ((int)c, (int)c)));

    public bool Contains(int codePoint)
    {
        int low = 0, high = _ranges.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            if (codePoint < _ranges[middle].Low)
            {
                high = middle - 1;
            }
            else if (codePoint > _ranges[middle].High)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }
        return false;
    }

    public CodePointSet Union(CodePointSet other) => Of(_ranges.Concat(other._ranges));

    public CodePointSet Intersect(CodePointSet other)
    {
        var result = new List<(int, int)>();
        int i = 0, j = 0;
        while (i < _ranges.Length && j < other._ranges.Length)
        {
            var low = Math.Max(_ranges[i].Low, other._ranges[j].Low);
            var high = Math.Min(_ranges[i].High, other._ranges[j].High);
            if (low <= high)
            {
                result.Add((low, high));
            }
            if (_ranges[i].High < other._ranges[j].High) { i++; } else { j++; }
        }
        return new CodePointSet([.. result]);
    }

    public CodePointSet Complement()
    {
        var result = new List<(int, int)>();
        var next = 0;
        foreach (var (low, high) in _ranges)
        {
            if (low > next)
            {
                result.Add((next, low - 1));
            }
            next = high + 1;
        }
        if (next <= Last)
        {
            result.Add((next, Last));
        }
        return Of(result);
    }

    public CodePointSet Except(CodePointSet other) => Intersect(other.Complement());

    public bool Equals(CodePointSet? other) =>
        other is not null && (ReferenceEquals(this, other) || (_hash == other._hash && _ranges.AsSpan().SequenceEqual(other._ranges)));

    public override bool Equals(object? obj) => Equals(obj as CodePointSet);

    public override int GetHashCode() => _hash;
}
