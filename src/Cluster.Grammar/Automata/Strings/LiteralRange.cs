namespace Cluster.Grammar.Automata.Strings;

/// <summary>A finite set of texts, sorted by code points; shared by all the trie nodes that walk it, and by content between languages.</summary>
internal sealed class LiteralSet : IEquatable<LiteralSet>
{
    private static readonly LeafCache<LiteralSet, LiteralSet> Interned = LeafCache<LiteralSet, LiteralSet>.Shared(48, static set => set._bytes);

    private readonly int _hash;
    private readonly long _bytes;

    private LiteralSet(int[][] texts, int[] sources, bool isPattern)
    {
        (Texts, Sources, IsPattern) = (texts, sources, isPattern);
        var hash = new HashCode();
        hash.Add(isPattern);
        foreach (var text in texts)
        {
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>(text));
            _bytes += 40 + (4 * text.Length);
        }
        _hash = hash.ToHashCode();
    }

    public int[][] Texts { get; }

    /// <summary>For each text its place in the caller's list (of the first of equal texts).</summary>
    public int[] Sources { get; }

    /// <summary>Part of a pattern, where a trie is only a compact form: its texts keep all their spellings.</summary>
    public bool IsPattern { get; }

    /// <summary>Sorted, without repetitions and without texts that hold lone surrogates (no JSON string decodes to them).</summary>
    public static LiteralSet From(IEnumerable<string> texts)
    {
        var pairs = new List<(int[] Text, int Source)>();
        var index = 0;
        foreach (var text in texts)
        {
            if (!HasLoneSurrogate(text))
            {
                pairs.Add((Scalars.Of(text), index));
            }
            index++;
        }
        return From(pairs, isPattern: false);
    }

    public static LiteralSet FromPattern(IEnumerable<int[]> texts) => From([.. texts.Select((text, index) => (text, index))], isPattern: true);

    private static LiteralSet From(List<(int[] Text, int Source)> pairs, bool isPattern)
    {
        pairs.Sort(static (a, b) => a.Text.AsSpan().SequenceCompareTo(b.Text) is var order and not 0 ? order : a.Source.CompareTo(b.Source));
        var kept = 0;
        for (var i = 0; i < pairs.Count; i++)
        {
            if (kept == 0 || !pairs[i].Text.AsSpan().SequenceEqual(pairs[kept - 1].Text))
            {
                pairs[kept++] = pairs[i];
            }
        }
        pairs.RemoveRange(kept, pairs.Count - kept);
        var set = new LiteralSet([.. pairs.Select(pair => pair.Text)], [.. pairs.Select(pair => pair.Source)], isPattern);
        return Interned.TryGet(set, out var known) ? known : Interned.Add(set, set);
    }

    public bool Equals(LiteralSet? other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }
        if (other is null || _hash != other._hash || IsPattern != other.IsPattern || Texts.Length != other.Texts.Length
            || !Sources.AsSpan().SequenceEqual(other.Sources))
        {
            return false;
        }
        for (var i = 0; i < Texts.Length; i++)
        {
            if (!Texts[i].AsSpan().SequenceEqual(other.Texts[i]))
            {
                return false;
            }
        }
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as LiteralSet);

    public override int GetHashCode() => _hash;

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
            {
                return true;
            }
        }
        return false;
    }
}

/// <summary>The literals [Low, High) of a set, after their first <paramref name="Depth"/> code points, which they share.</summary>
internal sealed record LiteralRange(LiteralSet Literals, int Low, int High, int Depth)
{
    public static Node Root(LiteralSet literals) => Of(new LiteralRange(literals, 0, literals.Texts.Length, 0));

    public void Fill(Node node)
    {
        node.IsPlain = true;
        node.Nullable = Literals.Texts[Low].Length == Depth;
        node.CostFloor = node.LengthFloor = long.MaxValue;
        node.LengthCeiling = 0;
        for (var i = Low; i < High; i++)
        {
            var length = Literals.Texts[i].Length - Depth;
            node.LengthFloor = Math.Min(node.LengthFloor, length);
            node.LengthCeiling = Math.Max(node.LengthCeiling, length);
            if (length < node.CostFloor)
            {
                node.CostFloor = Math.Min(node.CostFloor, CostOf(i));
            }
        }
        node.IsDense = node.LengthFloor == node.LengthCeiling;
    }

    /// <summary>A cheapest literal, from here on.</summary>
    public ReadOnlySpan<int> Shortest()
    {
        var best = Low;
        for (var i = Low + 1; i < High; i++)
        {
            if (CostOf(i) < CostOf(best))
            {
                best = i;
            }
        }
        return Literals.Texts[best].AsSpan(Depth);
    }

    public CodePointRow Row()
    {
        var steps = new List<CodePointStep>();
        for (var i = Low; i < High;)
        {
            if (Literals.Texts[i].Length == Depth)
            {
                i++;
                continue;
            }
            var codePoint = Literals.Texts[i][Depth];
            var end = EndOf(i, codePoint);
            steps.Add(new CodePointStep(codePoint, codePoint, Of(new LiteralRange(Literals, i, end, Depth + 1))));
            i = end;
        }
        return new CodePointRow([.. steps]);
    }

    private static Node Of(LiteralRange range) => range.Low == range.High
        ? Nodes.Nothing
        : Nodes.Intern(new Node(NodeKind.Trie, [], null, range.Low, range.High, range));

    // First literal past `from` whose next code point differs: doubling steps, then halving, so that a range of many costs its logarithm.
    private int EndOf(int from, int codePoint)
    {
        int low = from, step = 1;
        while (low + step < High && Literals.Texts[low + step][Depth] == codePoint)
        {
            low += step;
            step <<= 1;
        }
        var high = Math.Min(low + step, High);
        while (high - low > 1)
        {
            var middle = (low + high) >> 1;
            if (Literals.Texts[middle][Depth] == codePoint) { low = middle; } else { high = middle; }
        }
        return high;
    }

    private long CostOf(int index)
    {
        long cost = 0;
        foreach (var codePoint in Literals.Texts[index].AsSpan(Depth))
        {
            cost += JsonCost.Cheapest(codePoint, codePoint).Cost;
        }
        return cost;
    }
}
