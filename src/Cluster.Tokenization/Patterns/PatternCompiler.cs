namespace Cluster.Tokenization.Patterns;

internal enum PatternOp
{
    /// <summary>One code point of Set.</summary>
    One,

    /// <summary>A to B code points of Set, as Mode says.</summary>
    Run,

    /// <summary>Try A, then B.</summary>
    Split,

    /// <summary>Go on at A.</summary>
    Jump,

    /// <summary>The program from the next instruction to its Match holds here; then go on at A. B: code points to step back, or -1.</summary>
    Look,

    /// <summary>The same, and what it consumed stays consumed.</summary>
    Atomic,

    /// <summary>Assert A, an <see cref="AnchorKind"/>.</summary>
    Anchor,

    /// <summary>Remember the position in slot A.</summary>
    Mark,

    /// <summary>Fail where nothing was consumed since Mark A: an empty turn of a loop goes nowhere.</summary>
    Progress,

    Match,
}

internal readonly record struct PatternInstruction(PatternOp Op, int A = 0, int B = 0, CodePointSet? Set = null, RepeatMode Mode = RepeatMode.Greedy, bool Negative = false);

/// <summary>Turns the tree of a pattern into instructions for <see cref="Pattern"/>.</summary>
internal sealed class PatternCompiler
{
    private const int InstructionsMax = 200_000;

    private readonly List<PatternInstruction> _code = [];
    private int _slots;

    public static (PatternInstruction[] Code, int Slots) Compile(PatternNode root)
    {
        var compiler = new PatternCompiler();
        compiler.Emit(root);
        compiler.Add(new PatternInstruction(PatternOp.Match));
        return ([.. compiler._code], compiler._slots);
    }

    private int Add(PatternInstruction instruction)
    {
        if (_code.Count >= InstructionsMax) throw TokenizerException.Unsupported("a regular expression of this size");
        _code.Add(instruction);
        return _code.Count - 1;
    }

    private void Emit(PatternNode node)
    {
        switch (node)
        {
            case PatternNode.One one:
                Add(new PatternInstruction(PatternOp.One, Set: one.Set));
                break;
            case PatternNode.Sequence sequence:
                foreach (PatternNode part in sequence.Parts) Emit(part);
                break;
            case PatternNode.Choice choice:
                EmitChoice(choice);
                break;
            case PatternNode.Repeat repeat:
                EmitRepeat(repeat);
                break;
            case PatternNode.Look look:
                EmitInner(new PatternInstruction(PatternOp.Look, B: look.Behind ? look.Body.FixedLength() ?? 0 : -1, Negative: look.Negative), look.Body);
                break;
            case PatternNode.Atomic atomic:
                EmitInner(new PatternInstruction(PatternOp.Atomic), atomic.Body);
                break;
            case PatternNode.Anchor anchor:
                Add(new PatternInstruction(PatternOp.Anchor, (int)anchor.Kind));
                break;
        }
    }

    private void EmitInner(PatternInstruction head, PatternNode body)
    {
        int at = Add(head);
        Emit(body);
        Add(new PatternInstruction(PatternOp.Match));
        _code[at] = head with { A = _code.Count };
    }

    private void EmitChoice(PatternNode.Choice choice)
    {
        var jumps = new List<int>();
        for (int i = 0; i < choice.Branches.Count; i++)
        {
            bool last = i == choice.Branches.Count - 1;
            int split = last ? -1 : Add(new PatternInstruction(PatternOp.Split));
            Emit(choice.Branches[i]);
            if (last) break;
            jumps.Add(Add(new PatternInstruction(PatternOp.Jump)));
            _code[split] = new PatternInstruction(PatternOp.Split, split + 1, _code.Count);
        }
        foreach (int jump in jumps) _code[jump] = new PatternInstruction(PatternOp.Jump, _code.Count);
    }

    private void EmitRepeat(PatternNode.Repeat repeat)
    {
        if (repeat.Body is PatternNode.One one)
        {
            Add(new PatternInstruction(PatternOp.Run, repeat.Min, repeat.Max, one.Set, repeat.Mode));
            return;
        }
        if (repeat.Mode == RepeatMode.Possessive)
        {
            EmitInner(new PatternInstruction(PatternOp.Atomic), repeat with { Mode = RepeatMode.Greedy });
            return;
        }
        for (int i = 0; i < repeat.Min; i++) Emit(repeat.Body);
        if (repeat.Max == int.MaxValue) EmitLoop(repeat);
        else EmitOptional(repeat, repeat.Max - repeat.Min);
    }

    private void EmitLoop(PatternNode.Repeat repeat)
    {
        int slot = repeat.Body.CanBeEmpty() ? _slots++ : -1;
        int split = Add(new PatternInstruction(PatternOp.Split));
        if (slot >= 0) Add(new PatternInstruction(PatternOp.Mark, slot));
        Emit(repeat.Body);
        if (slot >= 0) Add(new PatternInstruction(PatternOp.Progress, slot));
        Add(new PatternInstruction(PatternOp.Jump, split));
        _code[split] = Split(repeat.Mode, split + 1, _code.Count);
    }

    private void EmitOptional(PatternNode.Repeat repeat, int count)
    {
        var splits = new List<int>();
        for (int i = 0; i < count; i++)
        {
            splits.Add(Add(new PatternInstruction(PatternOp.Split)));
            Emit(repeat.Body);
        }
        foreach (int split in splits) _code[split] = Split(repeat.Mode, split + 1, _code.Count);
    }

    private static PatternInstruction Split(RepeatMode mode, int body, int exit) =>
        mode == RepeatMode.Lazy ? new(PatternOp.Split, exit, body) : new(PatternOp.Split, body, exit);
}
