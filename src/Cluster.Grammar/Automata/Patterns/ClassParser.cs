using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Automata.Patterns;

/// <summary>Character classes, after their opening bracket.</summary>
internal static class ClassParser
{
    public static CodePointSet Parse(PatternReader reader, EscapeParser escapes, out LeafRefusal? refusal)
    {
        var negate = reader.TryTake('^');
        var ranges = new List<(int, int)>();
        while (!reader.TryTake(']'))
        {
            if (TakeAtom(reader, escapes, out refusal) is not var (set, low))
            {
                return CodePointSet.None;
            }
            if (reader.Peek() != '-' || reader.Peek(1) is ']' or -1)
            {
                Add(ranges, set, low);
                continue;
            }
            reader.Take();
            if (TakeAtom(reader, escapes, out refusal) is not var (setAfter, high))
            {
                return CodePointSet.None;
            }
            if (set is not null || setAfter is not null)
            {
                // Annex B: a class cannot bound a range, so the dash stands for itself.
                Add(ranges, set, low);
                Add(ranges, null, '-');
                Add(ranges, setAfter, high);
            }
            else if (low > high)
            {
                refusal = new LeafRefusal(LeafRefusalKind.Malformed, "A range of characters is out of order.");
                return CodePointSet.None;
            }
            else
            {
                ranges.Add((low, high));
            }
        }
        refusal = null;
        var result = CodePointSet.Of(ranges);
        return negate ? result.Complement() : result;
    }

    private static void Add(List<(int, int)> ranges, CodePointSet? set, int codePoint)
    {
        if (set is null)
        {
            ranges.Add((codePoint, codePoint));
            return;
        }
        foreach (var range in set.Ranges)
        {
            ranges.Add(range);
        }
    }

    private static (CodePointSet? Set, int CodePoint)? TakeAtom(PatternReader reader, EscapeParser escapes, out LeafRefusal? refusal)
    {
        refusal = reader.AtEnd ? new LeafRefusal(LeafRefusalKind.Malformed, "A character class is not closed.") : null;
        if (refusal is not null)
        {
            return null;
        }
        return reader.TryTake('\\') ? escapes.Parse(inClass: true, out refusal) : (null, reader.Take());
    }
}
