namespace Cluster.Grammar.Automata.Strings;

/// <summary>The smart constructor of And.</summary>
internal static class Intersections
{
    private const int DistributedMax = 256;

    public static Node And(params ReadOnlySpan<Node> nodes)
    {
        var members = new List<Node>(nodes.Length);
        List<Node>? excluded = null;
        foreach (var node in nodes)
        {
            foreach (var member in node.Kind == NodeKind.And ? node.Children : [node])
            {
                if (member.Kind == NodeKind.Nothing)
                {
                    return Nodes.Nothing;
                }
                if (member.Kind == NodeKind.Not)
                {
                    (excluded ??= []).Add(member.Head);
                }
                else if (!ReferenceEquals(member, Nodes.All))
                {
                    members.Add(member);
                }
            }
        }
        if (!MergeSimple(members))
        {
            return Nodes.Nothing;
        }
        Unions.Distinct(members);
        if (Distribute(members, excluded) is { } union)
        {
            return union;
        }
        if (excluded is not null && !Exclude(members, excluded))
        {
            return Nodes.Nothing;
        }
        return Finish(members);
    }

    private static Node Finish(List<Node> members)
    {
        if (members.Count < 2)
        {
            return members.Count == 0 ? Nodes.All : members[0];
        }
        if (members.Contains(Nodes.Empty) && !members.Exists(member => member.LooksBehind))
        {
            return members.TrueForAll(member => member.Nullable) ? Nodes.Empty : Nodes.Nothing;
        }
        var floor = members.Max(member => member.LengthFloor);
        var ceiling = members.Min(member => member.LengthCeiling);
        return floor > ceiling ? Nodes.Nothing : Nodes.Intern(new Node(NodeKind.And, [.. members]));
    }

    // Sets, and counters over one set (lengths among them), have an intersection of the same shape.
    private static bool MergeSimple(List<Node> members)
    {
        Node? simple = null;
        var kept = 0;
        for (var i = 0; i < members.Count; i++)
        {
            var member = members[i];
            if (member.Kind != NodeKind.Set && !(member.Kind == NodeKind.Repeat && member.Head.Kind == NodeKind.Set))
            {
                members[kept++] = member;
                continue;
            }
            simple = simple is null ? member : Meet(simple, member);
            if (simple.Kind == NodeKind.Nothing)
            {
                return false;
            }
        }
        members.RemoveRange(kept, members.Count - kept);
        if (simple is not null)
        {
            members.Add(simple);
        }
        return true;
    }

    private static Node Meet(Node a, Node b)
    {
        var (setA, minA, maxA) = Bounds(a);
        var (setB, minB, maxB) = Bounds(b);
        var (min, max) = (Math.Max(minA, minB), Math.Min(maxA, maxB));
        return min > max ? Nodes.Nothing : Nodes.Repeat(Nodes.Set(setA.Intersect(setB)), min, max);

        static (CodePointSet, int, int) Bounds(Node node) => node.Kind switch
        {
            NodeKind.Set => (node.Set!, 1, 1),
            NodeKind.Repeat => (node.Head.Set!, node.Min, node.Max),
            _ => (CodePointSet.None, 0, 0),
        };
    }

    // And over Or is distributed only where the residuals need it to stay finite (recursion), or where it disappears (lengths).
    private static Node? Distribute(List<Node> members, List<Node>? excluded)
    {
        var index = members.FindIndex(member => member.Kind == NodeKind.Or && member.Children.Length <= DistributedMax
            && (member.Recurses || Array.TrueForAll(member.Children, child => child.IsLengths || child.Kind == NodeKind.Empty)));
        if (index < 0)
        {
            return null;
        }
        var union = members[index];
        members.RemoveAt(index);
        Node[] rest = [.. members, .. (excluded ?? []).Select(Nodes.Not)];
        return Unions.Or(Array.ConvertAll(union.Children, member => And([member, .. rest])));
    }

    // One Not of a union instead of several Nots: Or knows the stronger laws. False: a member is excluded, nothing is left.
    private static bool Exclude(List<Node> members, List<Node> excluded)
    {
        var union = Unions.Or([.. excluded]);
        var parts = union.Kind == NodeKind.Or ? union.Children : [union];
        if (ReferenceEquals(union, Nodes.All) || Array.Exists(parts, members.Contains))
        {
            return false;
        }
        var complement = Nodes.Not(union);
        if (complement.Kind != NodeKind.Not)
        {
            // ¬lengths is lengths again.
            var met = And([complement, .. members]);
            members.Clear();
            members.AddRange(met.Kind == NodeKind.And ? met.Children : [met]);
            return met.Kind != NodeKind.Nothing;
        }
        members.Add(complement);
        Unions.Distinct(members);
        return true;
    }
}
