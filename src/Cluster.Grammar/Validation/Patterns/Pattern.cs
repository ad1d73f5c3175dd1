namespace Cluster.Grammar.Validation.Patterns;

/// <summary>
/// An ECMA-262 pattern that is searched for in texts. All ways of matching advance together, one code point at a time, so the
/// time is bounded by text × pattern whatever the pattern; .NET's Regex was not taken because it works on UTF-16 units, means other
/// characters by \d, \w, \s, $ and the dot, and backtracks where there is a lookaround.
/// </summary>
internal sealed class Pattern
{
    private readonly PatternProgram _program;

    private Pattern(PatternProgram program) => _program = program;

    /// <summary>A pattern by the u flag of ECMA-262, back-references included: the format <c>regex</c>.</summary>
    public static bool IsSyntax(string text)
    {
        try
        {
            new PatternParser(text, isStrict: true, allowsBackReferences: true).Parse();
            return true;
        }
        catch (PatternException)
        {
            return false;
        }
    }

    public static bool TryParse(string text, out Pattern? pattern, out string reason)
    {
        try
        {
            pattern = new Pattern(PatternProgram.Of(new PatternParser(text, isStrict: false).Parse()));
            reason = "";
            return true;
        }
        catch (PatternException error)
        {
            (pattern, reason) = (null, error.Message);
            return false;
        }
    }

    /// <summary>Whether some part of <paramref name="text"/> matches.</summary>
    public bool IsFoundIn(string text, Evaluation run)
    {
        int[] points = [.. text.EnumerateRunes().Select(rune => rune.Value)];
        return Matches(_program, points, 0, isSearch: true, run);
    }

    private static bool Matches(PatternProgram program, int[] text, int start, bool isSearch, Evaluation run)
    {
        var current = new List<int>();
        var next = new List<int>();
        var seen = new HashSet<int>();
        int stride = program.IsBackward ? -1 : 1;
        for (int at = start; ; at += stride)
        {
            if (at == start || isSearch)
            {
                if (Enter(program, 0, text, at, current, seen, run)) return true;
            }
            int taken = program.IsBackward ? at - 1 : at;
            if (taken < 0 || taken >= text.Length || (current.Count == 0 && !isSearch)) return false;
            seen.Clear();
            next.Clear();
            foreach (int step in current)
            {
                if (program.Steps[step].Set!.Contains(text[taken]) && Enter(program, step + 1, text, at + stride, next, seen, run)) return true;
            }
            (current, next) = (next, current);
        }
    }

    /// <summary>Adds every Take step that can be reached from <paramref name="entry"/> without taking; true if Match can be.</summary>
    private static bool Enter(PatternProgram program, int entry, int[] text, int at, List<int> open, HashSet<int> seen, Evaluation run)
    {
        var pending = new Stack<int>();
        pending.Push(entry);
        while (pending.TryPop(out int index))
        {
            run.Spend(1);
            if (!seen.Add(index)) continue;
            var step = program.Steps[index];
            switch (step.Op)
            {
                case PatternOp.Match: return true;
                case PatternOp.Take: open.Add(index); break;
                case PatternOp.Jump: pending.Push(step.Target); break;
                case PatternOp.Split:
                    pending.Push(step.Target);
                    pending.Push(index + 1);
                    break;
                default:
                    if (Holds(step, text, at, run)) pending.Push(index + 1);
                    break;
            }
        }
        return false;
    }

    private static bool Holds(PatternStep step, int[] text, int at, Evaluation run) => step.Op switch
    {
        PatternOp.TextStart => at == 0,
        PatternOp.TextEnd => at == text.Length,
        PatternOp.WordEdge => (IsWord(text, at - 1) != IsWord(text, at)) != step.IsNegated,
        _ => Matches(step.Part!, text, at, isSearch: false, run) != step.IsNegated,
    };

    private static bool IsWord(int[] text, int at) => at >= 0 && at < text.Length && CodePointSet.Words.Contains(text[at]);
}
