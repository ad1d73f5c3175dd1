using Cluster.Grammar.Structure;

namespace Cluster.Grammar.Automata.Strings;

/// <summary>A shortest member of a plain node, read off its structure with an explicit stack: no search, however large the counters; none where it would be longer than any document.</summary>
internal static class PlainWitness
{
    public static bool TryAppend(Node start, List<int> text, Fuel fuel)
    {
        var stack = new Stack<(Node Node, int Times)>();
        stack.Push((start, 1));
        while (stack.TryPop(out var item))
        {
            if (!fuel.TrySpend(1) || text.Count > Cost.Max)
            {
                return false;
            }
            var (node, times) = item;
            if (times > 1)
            {
                stack.Push((node, times - 1));
            }
            switch (node.Kind)
            {
                case NodeKind.Set:
                    text.Add(JsonCost.Cheapest(node.Set!).CodePoint);
                    break;
                case NodeKind.Concat:
                    stack.Push((node.Tail, 1));
                    stack.Push((node.Head, 1));
                    break;
                case NodeKind.Or:
                    stack.Push((node.Children.MinBy(child => child.CostFloor)!, 1));
                    break;
                case NodeKind.Repeat when node.Min > Cost.Max:
                    return false;
                case NodeKind.Repeat when node.Min > 0 && node.Head.Kind == NodeKind.Set:
                    text.AddRange(Enumerable.Repeat(JsonCost.Cheapest(node.Head.Set!).CodePoint, node.Min));
                    break;
                case NodeKind.Repeat when node.Min > 0:
                    stack.Push((node.Head, node.Min));
                    break;
                case NodeKind.Trie:
                    text.AddRange(((LiteralRange)node.Content!).Shortest());
                    break;
                case NodeKind.Machine when !node.Nullable:
                    text.AddRange(Scalars.Of(((MachineState)node.Content!).Shortest));
                    break;
            }
        }
        return true;
    }
}
