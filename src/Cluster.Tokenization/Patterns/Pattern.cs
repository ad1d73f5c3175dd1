namespace Cluster.Tokenization.Patterns;

/// <summary>
/// A compiled regular expression over code points, matched by backtracking with a stack of its own: long texts cannot exhaust the
/// thread's stack, and single-class repetitions (nearly all there is in these patterns) push one entry, not one per character.
/// </summary>
/// <remarks>Immutable. Mark slots stay those of the innermost running attempt, which is all that the empty-turn check needs.</remarks>
internal sealed class Pattern
{
    private readonly PatternInstruction[] _code;
    private readonly int _slots;

    private Pattern(PatternInstruction[] code, int slots)
    {
        _code = code;
        _slots = slots;
    }

    public static Pattern Parse(string pattern, PatternDialect dialect = PatternDialect.Ruby)
    {
        (PatternInstruction[] code, int slots) = PatternCompiler.Compile(PatternParser.Parse(pattern, dialect));
        return new Pattern(code, slots);
    }

    /// <summary>The first match at or after <paramref name="from"/>, or a start of -1.</summary>
    public (int Start, int End) Find(ReadOnlySpan<char> text, int from)
    {
        Span<int> marks = _slots == 0 ? [] : new int[_slots];
        Span<long> initial = stackalloc long[48];
        var stack = new BacktrackStack(initial);
        try
        {
            for (int start = from; start <= text.Length;)
            {
                int end = Run(0, text, start, ref stack, marks);
                if (end >= 0) return (start, end);
                if (start == text.Length) break;
                CodePoints.At(text, start, out int length);
                start += length;
            }
            return (-1, -1);
        }
        finally
        {
            stack.Dispose();
        }
    }

    private int Run(int pc, ReadOnlySpan<char> text, int position, ref BacktrackStack stack, Span<int> marks)
    {
        int floor = stack.Count;
        while (true)
        {
            ref readonly PatternInstruction at = ref _code[pc];
            bool ok = true;
            switch (at.Op)
            {
                case PatternOp.Match:
                    stack.CutTo(floor);
                    return position;
                case PatternOp.One:
                    ok = position < text.Length && at.Set!.Contains(CodePoints.At(text, position, out int length)) && Advance(ref position, length);
                    pc++;
                    break;
                case PatternOp.Run:
                    ok = MatchRun(at, pc, text, ref position, ref stack);
                    pc++;
                    break;
                case PatternOp.Split:
                    // Most branches fail on their first character: look before pushing.
                    if (_code[at.A] is { Op: PatternOp.One } first && (position >= text.Length || !first.Set!.Contains(CodePoints.At(text, position, out _))))
                    {
                        pc = at.B;
                        break;
                    }
                    stack.Push(at.B, position, -1);
                    pc = at.A;
                    break;
                case PatternOp.Jump:
                    pc = at.A;
                    break;
                case PatternOp.Look:
                    ok = Holds(at, pc, text, position, ref stack, marks);
                    pc = at.A;
                    break;
                case PatternOp.Atomic:
                    int end = Run(pc + 1, text, position, ref stack, marks);
                    ok = end >= 0;
                    position = end;
                    pc = at.A;
                    break;
                case PatternOp.Anchor:
                    ok = PatternAnchors.Hold((AnchorKind)at.A, text, position);
                    pc++;
                    break;
                case PatternOp.Mark:
                    marks[at.A] = position;
                    pc++;
                    break;
                case PatternOp.Progress:
                    ok = marks[at.A] != position;
                    pc++;
                    break;
            }
            if (!ok && !Backtrack(text, floor, ref pc, ref position, ref stack)) return -1;
        }
    }

    private static bool Advance(ref int position, int length)
    {
        position += length;
        return true;
    }

    private static bool MatchRun(in PatternInstruction at, int pc, ReadOnlySpan<char> text, ref int position, ref BacktrackStack stack)
    {
        CodePointSet set = at.Set!;
        int wanted = at.Mode == RepeatMode.Lazy ? at.A : at.B;
        int least = -1;
        int count = 0;
        int end = position;
        if (at.A == 0) least = position;
        while (count < wanted && end < text.Length && set.Contains(CodePoints.At(text, end, out int length)))
        {
            end += length;
            if (++count == at.A) least = end;
        }
        if (count < at.A) return false;
        position = end;
        if (at.Mode == RepeatMode.Greedy && end > least) stack.Push(pc, end, least);
        if (at.Mode == RepeatMode.Lazy && count < at.B) stack.Push(pc, end, at.B - count);
        return true;
    }

    private bool Holds(in PatternInstruction at, int pc, ReadOnlySpan<char> text, int position, ref BacktrackStack stack, Span<int> marks)
    {
        int start = position;
        for (int i = 0; i < at.B; i++)
        {
            if (start == 0) return at.Negative;
            CodePoints.Before(text, start, out int length);
            start -= length;
        }
        int end = Run(pc + 1, text, start, ref stack, marks);
        return (end >= 0) != at.Negative;
    }

    /// <summary>Takes up the last alternative above <paramref name="floor"/>.</summary>
    private bool Backtrack(ReadOnlySpan<char> text, int floor, ref int pc, ref int position, ref BacktrackStack stack)
    {
        if (stack.Count == floor) return false;
        stack.Pop(out int savedPc, out int saved, out int extra);
        if (_code[savedPc].Op != PatternOp.Run || extra < 0)
        {
            pc = savedPc;
            position = saved;
            return true;
        }
        pc = savedPc + 1;
        if (_code[savedPc].Mode == RepeatMode.Greedy)
        {
            // extra: the shortest end that the run may have.
            CodePoints.Before(text, saved, out int back);
            position = saved - back;
            if (position > extra) stack.Push(savedPc, position, extra);
            return true;
        }
        // Lazy; extra: how many more it may take.
        if (saved >= text.Length || !_code[savedPc].Set!.Contains(CodePoints.At(text, saved, out int length))) return Backtrack(text, floor, ref pc, ref position, ref stack);
        position = saved + length;
        if (extra > 1) stack.Push(savedPc, position, extra - 1);
        return true;
    }
}
