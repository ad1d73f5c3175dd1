using System.Text;

namespace Cluster.Grammar.Automata.Strings;

/// <summary>Membership, enumeration, and the set operations that keep a finite list a finite list (which then has one spelling per text).</summary>
internal static class Finite
{
    private const int FilteredMax = 20_000;

    /// <summary>And where one side is a list: the texts of the list that the other side contains. Null where it is neither or too long.</summary>
    public static Node? Filter(Node a, Node b)
    {
        var (list, other) = a.Content is LiteralRange { Literals.IsPattern: false } ? (a, b) : (b, a);
        if (list.Content is not LiteralRange { Depth: 0, Literals.IsPattern: false } range || range.High - range.Low > FilteredMax)
        {
            return null;
        }
        var texts = range.Literals.Texts[range.Low..range.High].Select(ToText);
        return LiteralRange.Root(LiteralSet.From(texts.Where(text => Contains(other, text))));
    }

    public static Node? Join(Node a, Node b) =>
        a.Content is LiteralRange { Depth: 0, Literals.IsPattern: false } x && b.Content is LiteralRange { Depth: 0, Literals.IsPattern: false } y
            ? LiteralRange.Root(LiteralSet.From(Texts(x).Concat(Texts(y))))
            : null;

    public static bool Contains(Node node, string text)
    {
        var fuel = new Fuel(long.MaxValue);
        for (var i = 0; i < text.Length; i++)
        {
            if (node.Kind == NodeKind.Nothing)
            {
                return false;
            }
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var units) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }
            i += units - 1;
            node = Rows.Of(node, fuel)!.Target(rune.Value) ?? Nodes.Nothing;
        }
        return node.Nullable;
    }

    /// <summary>Breadth first over texts: every live residual stands for at least one text, so an infinite language soon has too many of them.</summary>
    public static Answer TryEnumerate(Node node, int max, Fuel fuel, out IReadOnlyList<string> texts)
    {
        texts = [];
        var found = new List<string>();
        var level = new List<(Node Node, string Prefix)>();
        switch (Witness.IsLive(node, fuel))
        {
            case null: return Answer.OutOfFuel;
            case true: level.Add((node, "")); break;
        }
        while (level.Count > 0)
        {
            var next = new List<(Node, string)>();
            foreach (var (residual, prefix) in level)
            {
                if (residual.Nullable)
                {
                    found.Add(prefix);
                }
                if (residual.LengthCeiling == long.MaxValue && residual.IsPlain)
                {
                    return Answer.No;
                }
                var row = LiveRows.Of(residual, fuel, out var whole);
                if (!whole || !fuel.TrySpend(1 + prefix.Length + row.Steps.Length))
                {
                    return Answer.OutOfFuel;
                }
                foreach (var step in row.Steps)
                {
                    if (step.High - step.Low + next.Count + found.Count >= max)
                    {
                        return Answer.No;
                    }
                    for (var codePoint = step.Low; codePoint <= step.High; codePoint++)
                    {
                        next.Add((step.Target, prefix + char.ConvertFromUtf32(codePoint)));
                    }
                }
            }
            if (found.Count + next.Count > max)
            {
                return Answer.No;
            }
            level = next;
        }
        texts = found;
        return Answer.Yes;
    }

    public static IEnumerable<string> Texts(LiteralRange range) => range.Literals.Texts[range.Low..range.High].Select(ToText);

    private static string ToText(int[] scalars)
    {
        var text = new StringBuilder(scalars.Length);
        foreach (var scalar in scalars)
        {
            text.Append(char.ConvertFromUtf32(scalar));
        }
        return text.ToString();
    }
}
