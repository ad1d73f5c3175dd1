namespace Cluster.Grammar.Automata.Strings;

/// <summary>
/// An automaton over code points composed with the UTF-8 decoder. The decoder adds states only where the targets of one sequence differ;
/// overlong forms and surrogates are no UTF-8.
/// </summary>
internal abstract class CodePointDfa : LazyDfa<BodyKey>
{
    /// <summary>Fuel of finding out which successors of one state are live.</summary>
    protected const long StateFuel = 4_000_000;

    protected int At(Node node) => Intern(new BodyKey(BodyPhase.Boundary, node));

    protected CodePointRow LiveRow(Node node)
    {
        var row = LiveRows.Of(node, new Fuel(StateFuel), out var whole);
        if (!whole)
        {
            Narrow();
        }
        return row;
    }

    protected void ExpandTail(BodyKey key, Span<int> row)
    {
        var (low, high) = Utf8.SecondByte(key.Value);
        row[low..(high + 1)].Fill(key.Left == 1 ? At(key.Node) : Intern(key with { Value = 0, Left = key.Left - 1 }));
    }

    /// <summary>The first bytes of longer sequences.</summary>
    protected void ExpandLeads(CodePointRow live, Node node, Span<int> row)
    {
        if (live.Steps.Length == 0 || live.Steps[^1].High <= 0x7F)
        {
            return;
        }
        for (var lead = 0xC2; lead <= 0xF4; lead++)
        {
            var (prefix, low, high, left) = Utf8.Lead(lead);
            row[lead] = Within(live, node, prefix, low, high, left, Utf8.BoundsNext(lead) ? lead : 0);
        }
    }

    protected void ExpandSplit(BodyKey key, Span<int> row)
    {
        var live = LiveRow(key.Node);
        var shift = 6 * (key.Left - 1);
        for (var value = 0x80; value <= 0xBF; value++)
        {
            var prefix = key.Value + ((value & 0x3F) << shift);
            var (low, high) = (prefix, prefix + (1 << shift) - 1);
            if (key.Value == 0 && key.Left > 1)
            {
                // Shorter encodings of the same code points are not UTF-8.
                low = Math.Max(low, key.Left == 2 ? 0x800 : 0x10000);
            }
            if (low > high)
            {
                continue;
            }
            if (key.Left == 1)
            {
                row[value] = live.Target(low) is { } target ? At(target) : Dead;
            }
            else
            {
                row[value] = Within(live, key.Node, prefix, low, high, key.Left - 1, 0);
            }
        }
    }

    // The state inside a sequence that will be one of [low, high].
    private int Within(CodePointRow live, Node node, int prefix, int low, int high, int left, int bound)
    {
        var index = live.IndexFrom(low);
        if (index == live.Steps.Length || live.Steps[index].Low > high)
        {
            return Dead;
        }
        var step = live.Steps[index];
        return step.Low <= low && step.High >= high
            ? Intern(new BodyKey(BodyPhase.Tail, step.Target, bound, left))
            : Intern(new BodyKey(BodyPhase.Split, node, prefix, left));
    }
}
