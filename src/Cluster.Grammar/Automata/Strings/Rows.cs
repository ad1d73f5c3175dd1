namespace Cluster.Grammar.Automata.Strings;

/// <summary>
/// Derivatives: a node's row maps each code point to the residual after it. Rows are built from the children's rows, so equal subexpressions
/// are derived once for all the languages that hold them, and an Or of many members costs the sum of their steps, not members × alphabet.
/// (Rejected: a global alphabet of minterms per language; with Unicode classes and large enums it is big where a state needs little of it.)
/// </summary>
internal static class Rows
{
    /// <param name="behind">Which conditions on the text behind hold here; only for nodes that look behind.</param>
    /// <returns>Null if the fuel is spent.</returns>
    public static CodePointRow? Of(Node node, Fuel fuel, ulong behind = 0)
    {
        if (node.Row is { } known && !node.LooksBehind)
        {
            return fuel.TrySpend(known.Fuel) ? known : null;
        }
        var before = fuel.Spent;
        var row = node.Kind switch
        {
            NodeKind.Set => OfSet(node.Set!),
            NodeKind.Concat => OfConcat(node, fuel, behind),
            NodeKind.Or => OfOr(node, fuel, behind),
            NodeKind.And => OfAnd(node, fuel, behind),
            NodeKind.Not => Of(node.Head, fuel, behind) is { } body ? Complement(body) : null,
            NodeKind.Repeat => OfRepeat(node, fuel),
            NodeKind.Trie => ((LiteralRange)node.Content!).Row(),
            NodeKind.Machine => ((MachineState)node.Content!).Row(),
            NodeKind.Recursion => Of(((RecursionBody)node.Content!).Definition, fuel, behind),
            NodeKind.Behind => (behind >> node.Min & 1) != 0 ? Of(Nodes.All, fuel) : CodePointRow.None,
            NodeKind.Located => Located.Row(node, fuel),
            _ => CodePointRow.None,
        };
        if (row is null || !fuel.TrySpend(4 + (2 * row.Steps.Length)))
        {
            return null;
        }
        if (!node.LooksBehind)
        {
            node.Row = new CodePointRow(row.Steps) { Fuel = fuel.Spent - before };
        }
        return row;
    }

    private static CodePointRow OfSet(CodePointSet set)
    {
        var ranges = set.Ranges;
        var steps = new CodePointStep[ranges.Length];
        for (var i = 0; i < steps.Length; i++)
        {
            steps[i] = new CodePointStep(ranges[i].Low, ranges[i].High, Nodes.Empty);
        }
        return new CodePointRow(steps);
    }

    private static CodePointRow? OfConcat(Node node, Fuel fuel, ulong behind)
    {
        var rows = new List<CodePointRow>(1);
        for (; node.Kind == NodeKind.Concat; node = node.Tail)
        {
            if (Of(node.Head, fuel) is not { } head)
            {
                return null;
            }
            var tail = node.Tail;
            rows.Add(RowMerge.Map(head, target => Nodes.Concat(target, tail)));
            if (!node.Head.Nullable)
            {
                return RowMerge.Union(rows, fuel);
            }
        }
        if (Of(node, fuel, behind) is not { } last)
        {
            return null;
        }
        rows.Add(last);
        return RowMerge.Union(rows, fuel);
    }

    private static CodePointRow? OfOr(Node node, Fuel fuel, ulong behind)
    {
        var rows = new List<CodePointRow>(node.Children.Length);
        foreach (var member in node.Children)
        {
            if (Of(member, fuel, behind) is not { } row)
            {
                return null;
            }
            if (row.Steps.Length > 0)
            {
                rows.Add(row);
            }
        }
        return rows.Count == 0 ? CodePointRow.None : RowMerge.Union(rows, fuel);
    }

    private static CodePointRow? OfAnd(Node node, Fuel fuel, ulong behind)
    {
        var rows = new CodePointRow[node.Children.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            if (Of(node.Children[i], fuel, behind) is not { } row)
            {
                return null;
            }
            if (row.Steps.Length == 0)
            {
                return CodePointRow.None;
            }
            rows[i] = row;
        }
        return RowMerge.Sweep(rows, fuel, static targets =>
            Array.Exists(targets, target => target is null) ? Nodes.Nothing : Intersections.And(targets!));
    }

    private static CodePointRow? OfRepeat(Node node, Fuel fuel)
    {
        var rest = Nodes.Repeat(node.Head, Math.Max(node.Min - 1, 0), node.Max == Node.Unbounded ? node.Max : node.Max - 1);
        return Of(node.Head, fuel) is { } body ? RowMerge.Map(body, target => Nodes.Concat(target, rest)) : null;
    }

    private static CodePointRow Complement(CodePointRow row)
    {
        var result = new RowBuilder();
        var next = 0;
        foreach (var step in row.Steps)
        {
            if (step.Low > next)
            {
                result.Add(next, step.Low - 1, Nodes.All);
            }
            result.Add(step.Low, step.High, Nodes.Not(step.Target));
            next = step.High + 1;
        }
        if (next <= CodePointSet.Last)
        {
            result.Add(next, CodePointSet.Last, Nodes.All);
        }
        return result.ToRow();
    }
}
