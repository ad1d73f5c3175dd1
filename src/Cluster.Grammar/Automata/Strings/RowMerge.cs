namespace Cluster.Grammar.Automata.Strings;

/// <summary>Combines rows range by range.</summary>
internal static class RowMerge
{
    private const int FewRows = 16;

    /// <summary>
    /// For each maximal range on which no row changes, <paramref name="combine"/> of the rows' targets (null where a row leads nowhere).
    /// Null if the fuel is spent.
    /// </summary>
    public static CodePointRow? Sweep(CodePointRow[] rows, Fuel fuel, Func<Node?[], Node> combine)
    {
        var result = new RowBuilder();
        var places = new int[rows.Length];
        var targets = new Node?[rows.Length];
        var previous = new Node?[rows.Length];
        var value = Nodes.Nothing;
        for (var (low, first) = (0, true); low <= CodePointSet.Last; first = false)
        {
            if (!fuel.TrySpend(rows.Length))
            {
                return null;
            }
            var high = CodePointSet.Last;
            for (var i = 0; i < rows.Length; i++)
            {
                var steps = rows[i].Steps;
                while (places[i] < steps.Length && steps[places[i]].High < low)
                {
                    places[i]++;
                }
                targets[i] = null;
                if (places[i] < steps.Length)
                {
                    var step = steps[places[i]];
                    targets[i] = step.Low <= low ? step.Target : null;
                    high = Math.Min(high, step.Low <= low ? step.High : step.Low - 1);
                }
            }
            if (first || !targets.AsSpan().SequenceEqual(previous))
            {
                value = combine((Node?[])targets.Clone());
                targets.CopyTo(previous, 0);
            }
            result.Add(low, high, value);
            low = high + 1;
        }
        return result.ToRow();
    }

    /// <summary>Or of the rows' targets; ready for a hundred thousand rows of one range each.</summary>
    public static CodePointRow? Union(List<CodePointRow> rows, Fuel fuel)
    {
        if (rows.Count == 1)
        {
            return rows[0];
        }
        if (rows.Count <= FewRows)
        {
            return Sweep([.. rows], fuel, static targets => Unions.Or(Array.FindAll(targets, target => target is not null)!));
        }
        var bounds = new SortedSet<int>();
        foreach (var step in rows.SelectMany(row => row.Steps))
        {
            bounds.Add(step.Low);
            bounds.Add(step.High + 1);
        }
        int[] starts = [.. bounds];
        var buckets = new List<Node>[starts.Length];
        foreach (var step in rows.SelectMany(row => row.Steps))
        {
            for (var i = Array.BinarySearch(starts, step.Low); starts[i] <= step.High; i++)
            {
                (buckets[i] ??= []).Add(step.Target);
                if (!fuel.TrySpend(1))
                {
                    return null;
                }
            }
        }
        var result = new RowBuilder();
        for (var i = 0; i + 1 < starts.Length; i++)
        {
            if (buckets[i] is { } bucket)
            {
                result.Add(starts[i], starts[i + 1] - 1, Unions.Or([.. bucket]));
            }
        }
        return result.ToRow();
    }

    public static CodePointRow Map(CodePointRow row, Func<Node, Node> map)
    {
        var result = new RowBuilder();
        Node? last = null;
        var mapped = Nodes.Nothing;
        foreach (var step in row.Steps)
        {
            if (!ReferenceEquals(step.Target, last))
            {
                (last, mapped) = (step.Target, map(step.Target));
            }
            result.Add(step.Low, step.High, mapped);
        }
        return result.ToRow();
    }
}

/// <summary>Collects steps in ascending order, joins neighbours with one target, leaves out what leads nowhere and the surrogates.</summary>
internal sealed class RowBuilder
{
    private readonly List<CodePointStep> _steps = [];

    public void Add(int low, int high, Node target)
    {
        if (low <= 0xDFFF && high >= 0xD800)
        {
            Append(low, Math.Min(high, 0xD7FF), target);
            Append(Math.Max(low, 0xE000), high, target);
        }
        else
        {
            Append(low, high, target);
        }
    }

    public CodePointRow ToRow() => _steps.Count == 0 ? CodePointRow.None : new CodePointRow([.. _steps]);

    private void Append(int low, int high, Node target)
    {
        if (low > high || target.Kind == NodeKind.Nothing)
        {
            return;
        }
        if (_steps.Count > 0 && _steps[^1].High == low - 1 && ReferenceEquals(_steps[^1].Target, target))
        {
            _steps[^1] = _steps[^1] with { High = high };
        }
        else
        {
            _steps.Add(new CodePointStep(low, high, target));
        }
    }
}
