namespace Cluster.Grammar.Automata.Strings;

/// <summary>A finite set of texts, sorted by code points; shared by all the trie nodes that walk it.</summary>
internal sealed class LiteralSet
{
    private LiteralSet(int[][] texts, int[] sources) => (Texts, Sources) = (texts, sources);

    public int[][] Texts { get; }

    /// <summary>For each text its place in the caller's list (of the first of equal texts).</summary>
    public int[] Sources { get; }

    /// <summary>Sorted, without repetitions and without texts that hold lone surrogates (no JSON string decodes to them).</summary>
    public static LiteralSet From(IEnumerable<string> texts)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var index = 0;
        foreach (var text in texts)
        {
            if (!HasLoneSurrogate(text))
            {
                seen.TryAdd(text, index);
            }
            index++;
        }
        var pairs = seen.Select(pair => (Text: Scalars.Of(pair.Key), Source: pair.Value)).ToArray();
        Array.Sort(pairs, static (a, b) => a.Text.AsSpan().SequenceCompareTo(b.Text));
        return new LiteralSet(Array.ConvertAll(pairs, pair => pair.Text), Array.ConvertAll(pairs, pair => pair.Source));
    }

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
