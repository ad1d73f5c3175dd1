namespace Cluster.Grammar.Validation.Patterns;

internal enum PatternOp { Take, Jump, Split, TextStart, TextEnd, WordEdge, Look, Match }

/// <param name="Op">What to do.</param>
/// <param name="Target">Where a jump or the second way of a split goes.</param>
/// <param name="Set">What Take takes.</param>
/// <param name="Part">What Look looks for.</param>
/// <param name="IsNegated">Of WordEdge and Look.</param>
internal sealed record PatternStep(PatternOp Op, int Target = 0, CodePointSet? Set = null, PatternProgram? Part = null, bool IsNegated = false);

/// <summary>
/// A pattern as steps of a nondeterministic machine. A program that looks behind is written, and run, from right to left.
/// </summary>
internal sealed class PatternProgram
{
    private const int StepsMax = 400_000;
    private readonly List<PatternStep> _steps = [];

    private readonly Budget _budget;

    /// <summary>Steps that one pattern may still have, those of its lookarounds included.</summary>
    private sealed class Budget
    {
        public int Left { get; set; } = StepsMax;
    }

    private PatternProgram(bool isBackward, Budget budget) => (IsBackward, _budget) = (isBackward, budget);

    public bool IsBackward { get; }

    public IReadOnlyList<PatternStep> Steps => _steps;

    public static PatternProgram Of(PatternNode pattern) => Of(pattern, isBackward: false, new Budget());

    private static PatternProgram Of(PatternNode pattern, bool isBackward, Budget budget)
    {
        var program = new PatternProgram(isBackward, budget);
        program.Emit(pattern);
        program.Emit(new PatternStep(PatternOp.Match));
        return program;
    }

    private int Emit(PatternStep step)
    {
        if (--_budget.Left < 0) throw new PatternException("The pattern is too large.");
        _steps.Add(step);
        return _steps.Count - 1;
    }

    private void Emit(PatternNode node)
    {
        switch (node)
        {
            case PatternNode.Points points: Emit(new PatternStep(PatternOp.Take, Set: points.Set)); break;
            case PatternNode.TextStart: Emit(new PatternStep(PatternOp.TextStart)); break;
            case PatternNode.TextEnd: Emit(new PatternStep(PatternOp.TextEnd)); break;
            case PatternNode.WordEdge edge: Emit(new PatternStep(PatternOp.WordEdge, IsNegated: edge.IsNegated)); break;
            case PatternNode.Look look:
                Emit(new PatternStep(PatternOp.Look, Part: Of(look.Part, look.IsBehind, _budget), IsNegated: look.IsNegated));
                break;
            case PatternNode.Sequence sequence:
                foreach (var part in IsBackward ? sequence.Parts.Reverse() : sequence.Parts) Emit(part);
                break;
            case PatternNode.Choice choice: EmitChoice(choice.Parts); break;
            case PatternNode.Repeat repeat: EmitRepeat(repeat); break;
        }
    }

    private void EmitChoice(IReadOnlyList<PatternNode> parts)
    {
        var exits = new List<int>();
        for (int i = 0; i < parts.Count - 1; i++)
        {
            int split = Emit(new PatternStep(PatternOp.Split));
            Emit(parts[i]);
            exits.Add(Emit(new PatternStep(PatternOp.Jump)));
            SetTarget(split);
        }
        Emit(parts[^1]);
        exits.ForEach(SetTarget);
    }

    private void EmitRepeat(PatternNode.Repeat repeat)
    {
        for (int i = 0; i < repeat.Min; i++)
        {
            int before = _steps.Count;
            Emit(repeat.Part);
            // Nothing, however often.
            if (_steps.Count == before) return;
        }
        if (repeat.Max is not { } max)
        {
            int split = Emit(new PatternStep(PatternOp.Split));
            Emit(repeat.Part);
            Emit(new PatternStep(PatternOp.Jump, split));
            SetTarget(split);
            return;
        }
        // (a(a(a)?)?)?: few ways are open at once, however large the bound.
        var exits = new List<int>();
        for (int i = repeat.Min; i < max; i++)
        {
            exits.Add(Emit(new PatternStep(PatternOp.Split)));
            Emit(repeat.Part);
        }
        exits.ForEach(SetTarget);
    }

    private void SetTarget(int step) => _steps[step] = _steps[step] with { Target = _steps.Count };
}
