namespace Cluster.Grammar.Automata.Strings;

/// <summary>
/// Emptiness and shortest members. Plain nodes know both from their structure; the others are searched (A* over residuals, with
/// the structural floor as the estimate, which is consistent), and what a search finds out is kept in the nodes it visited.
/// </summary>
internal static class Witness
{
    // A residual is derived, interned and put in a queue.
    private const int NodeFuel = 32;

    /// <summary>Bytes of a shortest member in JSON; <see cref="long.MaxValue"/> if there is none; null if the fuel is spent.</summary>
    public static long? Cost(Node start, Fuel fuel)
    {
        if (start.Cost >= 0)
        {
            return fuel.TrySpend(start.CostFuel) ? start.Cost : null;
        }
        var spentBefore = fuel.Spent;
        var distances = new Dictionary<Node, (long Distance, Node? From)> { [start] = (0, null) };
        var closed = new HashSet<Node>();
        var queue = new PriorityQueue<Node, (long, int)>();
        var order = 0;
        queue.Enqueue(start, (start.CostFloor, 0));
        while (queue.TryDequeue(out var node, out _))
        {
            if (!closed.Add(node))
            {
                continue;
            }
            var distance = distances[node].Distance;
            if (node.Cost >= 0 || node.Nullable)
            {
                Settle(node, node.Nullable ? 0 : node.Cost, distances);
                start.CostFuel = fuel.Spent - spentBefore;
                return start.Cost;
            }
            if (!fuel.TrySpend(NodeFuel) || Rows.Of(node, fuel) is not { } row)
            {
                return null;
            }
            foreach (var step in row.Steps)
            {
                var target = step.Target;
                var floor = target.Cost >= 0 ? target.Cost : target.CostFloor;
                if (floor == long.MaxValue)
                {
                    continue;
                }
                var reached = distance + JsonCost.Cheapest(step.Low, step.High).Cost;
                if (!distances.TryGetValue(target, out var before) || reached < before.Distance)
                {
                    distances[target] = (reached, node);
                    // Ties go to the node found last: towards depth, so that long forced stretches are not searched in breadth.
                    queue.Enqueue(target, (NodeFacts.Plus(reached, floor), --order));
                }
            }
        }
        foreach (var node in closed)
        {
            node.Cost = long.MaxValue;
        }
        start.CostFuel = fuel.Spent - spentBefore;
        return long.MaxValue;
    }

    /// <summary>True if the node has a member; null if the fuel is spent. Cheaper than <see cref="Cost"/> where structure decides.</summary>
    public static bool? IsLive(Node node, Fuel fuel)
    {
        if (node.Nullable || (node.IsPlain && node.Kind != NodeKind.Nothing) || (node.Kind == NodeKind.And && MeetsLengths(node)))
        {
            return true;
        }
        return Cost(node, fuel) is { } cost ? cost != long.MaxValue : null;
    }

    /// <summary><see cref="Cost"/> where nothing need be searched for it; else null.</summary>
    public static long? CostUnsearched(Node node) => node.Nullable ? 0 : node.Cost >= 0 ? node.Cost : node.IsPlain ? node.CostFloor : null;

    /// <summary>A shortest member, as code points; null if the fuel is spent or there is none.</summary>
    public static List<int>? Shortest(Node node, Fuel fuel)
    {
        var text = new List<int>();
        while (!node.Nullable)
        {
            if (node.IsPlain)
            {
                return PlainWitness.TryAppend(node, text, fuel) ? text : null;
            }
            if (Cost(node, fuel) is not { } cost || cost == long.MaxValue || Rows.Of(node, fuel) is not { } row)
            {
                return null;
            }
            Node? next = null;
            foreach (var step in row.Steps)
            {
                var (codePoint, bytes) = JsonCost.Cheapest(step.Low, step.High);
                if (step.Target.CostFloor <= cost - bytes && KnownCost(step.Target) == cost - bytes)
                {
                    text.Add(codePoint);
                    next = step.Target;
                    break;
                }
            }
            if (next is null)
            {
                return null;
            }
            node = next;
        }
        return text;
    }

    // The search that found the cost of a node has set the costs along its path.
    private static long KnownCost(Node node) => node.Nullable ? 0 : node.Cost;

    private static bool MeetsLengths(Node node)
    {
        var members = node.Children;
        return members.Length == 2 && ((members[0].IsLengths && Dense(members[1], members[0])) || (members[1].IsLengths && Dense(members[0], members[1])));

        // Floors and ceilings overlap, or the constructor of And would have said Nothing.
        static bool Dense(Node node, Node lengths) => node.IsPlain && node.IsDense && lengths.Max >= node.LengthFloor;
    }

    private static void Settle(Node node, long cost, Dictionary<Node, (long Distance, Node? From)> distances)
    {
        var total = distances[node].Distance + cost;
        for (Node? at = node; at is not null; at = distances[at].From)
        {
            at.Cost = total - distances[at].Distance;
        }
    }
}
