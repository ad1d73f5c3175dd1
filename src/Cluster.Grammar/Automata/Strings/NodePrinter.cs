using System.Text;

namespace Cluster.Grammar.Automata.Strings;

/// <summary>A readable form of a node, for debuggers and failing tests.</summary>
internal static class NodePrinter
{
    public static string Print(Node node)
    {
        var text = new StringBuilder();
        Append(node, text, 12);
        return text.ToString();
    }

    private static void Append(Node node, StringBuilder text, int depth)
    {
        if (depth == 0 || text.Length > 2_000)
        {
            text.Append('…');
            return;
        }
        switch (node.Kind)
        {
            case NodeKind.Nothing: text.Append('∅'); break;
            case NodeKind.Empty: text.Append('ε'); break;
            case NodeKind.Set when ReferenceEquals(node, Nodes.Any): text.Append('.'); break;
            case NodeKind.Set:
                text.Append('[');
                foreach (var (low, high) in node.Set!.Ranges)
                {
                    text.Append(Character(low)).Append(low == high ? "" : $"-{Character(high)}");
                }
                text.Append(']');
                break;
            case NodeKind.Repeat:
                Append(node.Head, text, depth - 1);
                text.Append('{').Append(node.Min).Append(',').Append(node.Max == Node.Unbounded ? "" : node.Max).Append('}');
                break;
            default:
                text.Append(node.Kind).Append('(');
                for (var i = 0; i < node.Children.Length; i++)
                {
                    text.Append(i == 0 ? "" : ", ");
                    Append(node.Children[i], text, depth - 1);
                }
                text.Append(')');
                break;
        }
    }

    private static string Character(int codePoint) => codePoint is > 0x20 and < 0x7F ? ((char)codePoint).ToString() : $"\\u{{{codePoint:X}}}";
}
