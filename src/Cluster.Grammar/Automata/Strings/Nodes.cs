using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Cluster.Grammar.Automata.Strings;

/// <summary>
/// The interning factory of nodes: basic constructors here, Or in <see cref="Unions"/>, And in <see cref="Intersections"/>.
/// <para>The table is process-wide because nodes are values: equal content, equal meaning. It is bounded: past its
/// share of <see cref="SharedAutomata"/> it starts a new generation, and old nodes live as long as somebody holds them. Two generations of one residual cost a
/// second state, never a wrong one. Weak references per node were rejected: they double the size of a node.</para>
/// </summary>
internal static class Nodes
{
    private const int Share = 128;
    private const int ShortSpine = 64;

    private static volatile ConcurrentDictionary<Node, Node> table = new(NodeComparer.Instance);
    private static long bytes;

    static Nodes() => SharedAutomata.Add(() => Interlocked.Read(ref bytes));

    public static readonly Node Nothing = Intern(new Node(NodeKind.Nothing, []));
    public static readonly Node Empty = Intern(new Node(NodeKind.Empty, []));
    public static readonly Node Any = Intern(new Node(NodeKind.Set, [], CodePointSet.All));
    public static readonly Node All = Intern(new Node(NodeKind.Repeat, [Any], null, 0, Node.Unbounded));

    public static Node Set(CodePointSet set) =>
        set.IsEmpty ? Nothing : Intern(new Node(NodeKind.Set, [], set));

    public static Node Lengths(int min, int max) => Repeat(Any, min, max);

    /// <summary>A text, letter by letter.</summary>
    public static Node Text(IReadOnlyList<int> codePoints)
    {
        var node = Empty;
        for (var i = codePoints.Count - 1; i >= 0; i--)
        {
            node = Concat(Set(CodePointSet.Single(codePoints[i])), node);
        }
        return node;
    }

    public static Node Text(string text) => Text([.. text.EnumerateRunes().Select(rune => rune.Value)]);

    public static Node Concat(params ReadOnlySpan<Node> parts)
    {
        var node = parts[^1];
        for (var i = parts.Length - 2; i >= 0; i--)
        {
            node = Concat(parts[i], node);
        }
        return node;
    }

    /// <summary>Concatenation, right-associated. An Or at the head is distributed (linear forms, after Antimirov): residuals are then sets of
    /// tails of the expression, and there are at most as many of them as it has positions.</summary>
    public static Node Concat(Node head, Node tail)
    {
        if (head.Kind == NodeKind.Nothing || tail.Kind == NodeKind.Nothing)
        {
            return Nothing;
        }
        if (head.Kind == NodeKind.Empty)
        {
            return tail;
        }
        if (tail.Kind == NodeKind.Empty)
        {
            return head;
        }
        if (head.Kind == NodeKind.Or)
        {
            return Unions.Or(Array.ConvertAll(head.Children, member => Concat(member, tail)));
        }
        if (head.Kind == NodeKind.Concat && TryReassociate(head, tail) is { } flat)
        {
            return flat;
        }
        if (head.Kind == NodeKind.Repeat)
        {
            var next = tail.Kind == NodeKind.Concat ? tail.Head : tail;
            if (next.Kind == NodeKind.Repeat && ReferenceEquals(next.Head, head.Head))
            {
                var merged = Repeat(head.Head, Sum(head.Min, next.Min), Sum(head.Max, next.Max));
                return tail.Kind == NodeKind.Concat ? Concat(merged, tail.Tail) : merged;
            }
        }
        return Intern(new Node(NodeKind.Concat, [head, tail]));
    }

    /// <summary>Between <paramref name="min"/> and <paramref name="max"/> rounds of <paramref name="body"/>.</summary>
    public static Node Repeat(Node body, int min, int max)
    {
        if (max == 0 || body.Kind == NodeKind.Empty)
        {
            return Empty;
        }
        if (body.Kind == NodeKind.Nothing)
        {
            return min == 0 ? Empty : Nothing;
        }
        if (body.Nullable)
        {
            min = 0;
            body = WithoutEmpty(body);
        }
        if (min == 1 && max == 1)
        {
            return body;
        }
        if (body.Kind == NodeKind.Repeat && TryFlatten(body, min, max) is { } flat)
        {
            return flat;
        }
        return Intern(new Node(NodeKind.Repeat, [body], null, min, max));
    }

    public static Node Optional(Node node) => Repeat(node, 0, 1);

    public static Node Or(params ReadOnlySpan<Node> nodes) => Unions.Or(nodes);

    public static Node And(params ReadOnlySpan<Node> nodes) => Intersections.And(nodes);

    public static Node Not(Node node)
    {
        switch (node.Kind)
        {
            case NodeKind.Nothing:
                return All;
            case NodeKind.Not:
                return node.Head;
            case NodeKind.Empty:
                return Lengths(1, Node.Unbounded);
            case NodeKind.Repeat when node.IsLengths:
                var below = node.Min == 0 ? Nothing : Lengths(0, node.Min - 1);
                return Unions.Or(below, node.Max == Node.Unbounded ? Nothing : Lengths(node.Max + 1, Node.Unbounded));
            case NodeKind.Set when ReferenceEquals(node, Any):
                return Unions.Or(Empty, Lengths(2, Node.Unbounded));
            default:
                return Intern(new Node(NodeKind.Not, [node]));
        }
    }

    public static int Sum(int a, int b) =>
        a == Node.Unbounded || b == Node.Unbounded ? Node.Unbounded : (int)Math.Min((long)a + b, Node.Unbounded - 1);

    public static Node Intern(Node candidate)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var current = table;
        if (current.TryGetValue(candidate, out var known))
        {
            return known;
        }
        NodeFacts.Fill(candidate);
        known = current.GetOrAdd(candidate, candidate);
        if (ReferenceEquals(known, candidate) && Interlocked.Add(ref bytes, 220 + (8 * candidate.Children.Length)) > SharedAutomata.ShareOf(Share))
        {
            Interlocked.Exchange(ref bytes, 0);
            var fresh = new ConcurrentDictionary<Node, Node>(NodeComparer.Instance);
            foreach (var kept in (ReadOnlySpan<Node>)[Nothing, Empty, Any, All])
            {
                fresh.TryAdd(kept, kept);
            }
            table = fresh;
        }
        return known;
    }

    private static Node WithoutEmpty(Node node)
    {
        if (node.Kind == NodeKind.Or)
        {
            return Unions.Or(Array.FindAll(node.Children, member => member.Kind != NodeKind.Empty));
        }
        return node.Kind == NodeKind.Repeat && node.Min == 0 && !node.Head.Nullable ? Repeat(node.Head, 1, node.Max) : node;
    }

    // (x{p,q}){m,n} holds k·p to k·q rounds of x for each k in [m, n]; one range if neighbours touch.
    private static Node? TryFlatten(Node body, int min, int max)
    {
        long p = body.Min, q = body.Max;
        var touches = q == Node.Unbounded || p <= 1 || (Math.Max(min, 1) * (q - p) >= p - 1 && (min > 0 || p <= 1));
        if (!touches || (min == 0 && p > 1))
        {
            return null;
        }
        var low = Math.Min(min * p, Node.Unbounded - 1);
        var high = q == Node.Unbounded || max == Node.Unbounded ? Node.Unbounded : Math.Min(max * q, Node.Unbounded - 1);
        return Repeat(body.Head, (int)low, (int)high);
    }

    // A long spine stays nested on the left: copying it for each residual would make a long counted body quadratic.
    private static Node? TryReassociate(Node head, Node tail)
    {
        var spine = new List<Node>(ShortSpine);
        var node = head;
        for (; node.Kind == NodeKind.Concat; node = node.Tail)
        {
            if (spine.Count == ShortSpine)
            {
                return null;
            }
            spine.Add(node.Head);
        }
        var result = Concat(node, tail);
        for (var i = spine.Count - 1; i >= 0; i--)
        {
            result = Concat(spine[i], result);
        }
        return result;
    }
}

/// <summary>Equality by content; children are interned already, so they compare by reference.</summary>
internal sealed class NodeComparer : IEqualityComparer<Node>
{
    public static readonly NodeComparer Instance = new();

    public bool Equals(Node? x, Node? y)
    {
        if (ReferenceEquals(x, y))
        {
            return true;
        }
        if (x is null || y is null || x.Kind != y.Kind || x.Min != y.Min || x.Max != y.Max || x.Children.Length != y.Children.Length
            || !Equals(x.Content, y.Content) || !Equals(x.Set, y.Set))
        {
            return false;
        }
        for (var i = 0; i < x.Children.Length; i++)
        {
            if (!ReferenceEquals(x.Children[i], y.Children[i]))
            {
                return false;
            }
        }
        return true;
    }

    public int GetHashCode(Node node)
    {
        var hash = HashCode.Combine(node.Kind, node.Min, node.Max, node.Set, node.Content);
        foreach (var child in node.Children)
        {
            hash = (hash * 31) ^ RuntimeHelpers.GetHashCode(child);
        }
        return hash;
    }
}
