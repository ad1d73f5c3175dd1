namespace Cluster.Grammar.Automata.Strings;

/// <summary>What a node knows about itself from its children: computed once, at interning.</summary>
internal static class NodeFacts
{
    private const long Ceiling = long.MaxValue;

    public static void Fill(Node node)
    {
        foreach (var child in node.Children)
        {
            node.LooksBehind |= child.LooksBehind;
            node.Recurses |= child.Recurses;
        }
        node.Depth = node.Kind switch
        {
            NodeKind.Concat => Math.Max(node.Head.Depth + 1, node.Tail.Depth),
            _ => node.Children.Length == 0 ? 0 : 1 + node.Children.Max(child => child.Depth),
        };
        switch (node.Kind)
        {
            case NodeKind.Nothing:
                (node.LengthFloor, node.LengthCeiling, node.CostFloor, node.IsPlain) = (Ceiling, 0, Ceiling, true);
                break;
            case NodeKind.Empty:
                (node.Nullable, node.IsPlain, node.IsDense, node.LengthCeiling) = (true, true, true, 0);
                break;
            case NodeKind.Set:
                (node.IsPlain, node.IsDense, node.LengthFloor, node.LengthCeiling) = (true, true, 1, 1);
                node.CostFloor = JsonCost.Cheapest(node.Set!).Cost;
                break;
            case NodeKind.Concat:
                FillConcat(node, node.Head, node.Tail);
                break;
            case NodeKind.Repeat:
                FillRepeat(node, node.Head);
                break;
            case NodeKind.Or:
                FillOr(node, node.Children);
                break;
            case NodeKind.And:
                node.Nullable = Array.TrueForAll(node.Children, child => child.Nullable);
                node.CostFloor = node.Children.Max(child => child.CostFloor);
                node.LengthFloor = node.Children.Max(child => child.LengthFloor);
                node.LengthCeiling = node.Children.Min(child => child.LengthCeiling);
                break;
            case NodeKind.Not:
                node.Nullable = !node.Head.Nullable;
                node.CostFloor = node.LengthFloor = node.Nullable || node.LooksBehind ? 0 : 1;
                break;
            case NodeKind.Trie:
                ((LiteralRange)node.Content!).Fill(node);
                break;
            case NodeKind.Recursion:
                var loop = (RecursionBody)node.Content!;
                (node.Recurses, node.LooksBehind, node.Nullable) = (true, loop.LooksBehind, loop.Nullable);
                break;
            case NodeKind.Behind:
                node.LooksBehind = true;
                break;
            case NodeKind.Located:
                Located.Fill(node);
                break;
            case NodeKind.Machine:
                ((MachineState)node.Content!).Fill(node);
                break;
        }
        if (node.IsPlain)
        {
            node.Cost = node.CostFloor;
        }
    }

    public static long Plus(long a, long b) => a > Ceiling - b ? Ceiling : a + b;

    public static long Times(long a, long count) => a == 0 || count == 0 ? 0 : a > Ceiling / count ? Ceiling : a * count;

    private static void FillConcat(Node node, Node head, Node tail)
    {
        node.Nullable = head.Nullable && tail.Nullable;
        node.IsPlain = head.IsPlain && tail.IsPlain;
        node.IsDense = head.IsDense && tail.IsDense;
        node.CostFloor = Plus(head.CostFloor, tail.CostFloor);
        node.LengthFloor = Plus(head.LengthFloor, tail.LengthFloor);
        node.LengthCeiling = Plus(head.LengthCeiling, tail.LengthCeiling);
    }

    private static void FillRepeat(Node node, Node body)
    {
        node.Nullable = node.Min == 0 || body.Nullable;
        node.IsPlain = body.IsPlain || node.Min == 0;
        node.CostFloor = Times(body.CostFloor, node.Min);
        node.LengthFloor = Times(body.LengthFloor, node.Min);
        node.LengthCeiling = node.Max == Node.Unbounded && body.LengthCeiling > 0 ? Ceiling : Times(body.LengthCeiling, node.Max);
        long low = body.LengthFloor, high = body.LengthCeiling;
        node.IsDense = body.IsDense && (low <= 1 || (node.Min > 0 && (high == Ceiling || Times(high - low, node.Min) >= low - 1)));
    }

    private static void FillOr(Node node, Node[] members)
    {
        node.Nullable = Array.Exists(members, child => child.Nullable);
        node.IsPlain = Array.TrueForAll(members, child => child.IsPlain);
        node.CostFloor = members.Min(child => child.CostFloor);
        node.LengthFloor = members.Min(child => child.LengthFloor);
        node.LengthCeiling = members.Max(child => child.LengthCeiling);
        if (!Array.TrueForAll(members, child => child.IsDense))
        {
            return;
        }
        var reach = node.LengthFloor;
        foreach (var member in members.OrderBy(child => child.LengthFloor))
        {
            if (member.LengthFloor > Plus(reach, 1))
            {
                return;
            }
            reach = Math.Max(reach, member.LengthCeiling);
        }
        node.IsDense = true;
    }
}
