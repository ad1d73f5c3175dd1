using System.Runtime.InteropServices;

namespace Cluster.Grammar.Automata.Strings;

/// <summary>
/// The smart constructor of Or. Beside the usual laws it merges members that differ only in a counter or in one set before an equal tail:
/// <c>x{2,5}T | x{4,9}T = x{2,9}T</c>. Without that a search for <c>a.{5,100}b</c> keeps one member per <c>a</c> that was read, and the
/// number of residuals is exponential in the counter.
/// </summary>
internal static class Unions
{
    public static Node Or(params ReadOnlySpan<Node> nodes)
    {
        var members = new List<Node>(nodes.Length);
        foreach (var node in nodes)
        {
            if (node.Kind == NodeKind.Or)
            {
                members.AddRange(node.Children);
            }
            else if (node.Kind != NodeKind.Nothing)
            {
                members.Add(node);
            }
        }
        if (members.Count > 1)
        {
            Merge(members);
            Distinct(members);
        }
        if (members.Exists(member => ReferenceEquals(member, Nodes.All)) || HasComplement(members))
        {
            return Nodes.All;
        }
        return members.Count switch
        {
            0 => Nodes.Nothing,
            1 => members[0],
            _ => Nodes.Intern(new Node(NodeKind.Or, [.. members])),
        };
    }

    /// <summary>Sorts by identity and drops repetitions.</summary>
    public static void Distinct(List<Node> members)
    {
        members.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        var kept = 0;
        for (var i = 0; i < members.Count; i++)
        {
            if (kept == 0 || !ReferenceEquals(members[i], members[kept - 1]))
            {
                members[kept++] = members[i];
            }
        }
        members.RemoveRange(kept, members.Count - kept);
    }

    private static bool HasComplement(List<Node> members) =>
        members.Exists(member => member.Kind == NodeKind.Not && members.Contains(member.Head));

    private static void Merge(List<Node> members)
    {
        Dictionary<Node, CodePointSet>? sets = null;
        Dictionary<(Node Body, Node Tail), List<(int Min, int Max)>>? counters = null;
        var rest = new List<Node>(members.Count);
        foreach (var member in members)
        {
            var (head, tail) = member.Kind == NodeKind.Concat ? (member.Head, member.Tail) : (member, Nodes.Empty);
            if (head.Kind == NodeKind.Set)
            {
                ref var set = ref CollectionsMarshal.GetValueRefOrAddDefault(sets ??= [], tail, out var exists);
                set = exists ? set!.Union(head.Set!) : head.Set!;
            }
            else if (head.Kind == NodeKind.Repeat)
            {
                Add(counters ??= [], (head.Head, tail), (head.Min, head.Max));
            }
            else
            {
                rest.Add(member);
            }
        }
        if (counters is null && (sets is null || sets.Count == members.Count))
        {
            return;
        }
        foreach (var (tail, set) in sets ?? [])
        {
            var node = Nodes.Set(set);
            if (counters is not null && counters.TryGetValue((node, tail), out var ranges))
            {
                ranges.Add((1, 1));
            }
            else
            {
                rest.Add(Nodes.Concat(node, tail));
            }
        }
        members.Clear();
        members.AddRange(rest);
        if (counters is not null)
        {
            AddCounters(members, counters);
        }
    }

    private static void AddCounters(List<Node> members, Dictionary<(Node Body, Node Tail), List<(int Min, int Max)>> counters)
    {
        var present = new HashSet<Node>(members);
        foreach (var ((body, tail), ranges) in counters)
        {
            if (present.Contains(tail))
            {
                ranges.Add((0, 0));
            }
            ranges.Sort();
            var (low, high) = ranges[0];
            for (var i = 1; i <= ranges.Count; i++)
            {
                if (i < ranges.Count && (high == Node.Unbounded || ranges[i].Min <= high + 1))
                {
                    high = Math.Max(high, ranges[i].Max);
                    continue;
                }
                // A tail alone (no round at all) stands in the list already, unless it was absorbed here.
                if (high > 0)
                {
                    members.Add(Nodes.Concat(Nodes.Repeat(body, low, high), tail));
                    if (low == 0 && present.Remove(tail))
                    {
                        members.Remove(tail);
                    }
                }
                if (i < ranges.Count)
                {
                    (low, high) = ranges[i];
                }
            }
        }
    }

    private static void Add<TKey, TValue>(Dictionary<TKey, List<TValue>> map, TKey key, TValue value) where TKey : notnull
    {
        ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(map, key, out _);
        (list ??= []).Add(value);
    }
}
