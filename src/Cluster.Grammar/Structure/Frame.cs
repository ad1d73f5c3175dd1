namespace Cluster.Grammar.Structure;

/// <summary>
/// One open bracket on the stack: the slot whose value it is, and what lies below. Immutable; children are remembered, so that walking
/// the same way twice makes no new frames.
/// </summary>
internal sealed class Frame
{
    private const int ChildrenMax = 64, FrameBytes = 160;

    private readonly Lock _gate = new();
    private volatile Frame[] _children = [];

    public Frame(Slot slot, Frame? parent)
    {
        Slot = slot;
        Parent = parent;
        Depth = (parent?.Depth ?? 0) + 1;
        Close = new int[slot.Outcomes.Length];
        int most = 0;
        for (int i = 0; i < Close.Length; i++)
        {
            SlotOutcome outcome = slot.Outcomes[i];
            Close[i] = Cost.Add(outcome.BytesAfter, parent is null ? 0 : parent.Close[outcome.Up]);
            if (outcome.BytesAfter != Cost.None) most = Math.Max(most, outcome.BytesAfter);
        }
        MostClose = Math.Min(Cost.Max, most + (parent?.MostClose ?? 0));
    }

    public Slot Slot { get; }

    public Frame? Parent { get; }

    /// <summary>Open brackets, this one included.</summary>
    public int Depth { get; }

    /// <summary>For each outcome of the slot, compact bytes from after the value to the end of the document.</summary>
    public int[] Close { get; }

    /// <summary>Never less than any of <see cref="Close"/>; a sum over the frames of one figure each.</summary>
    public int MostClose { get; }

    public Frame Push(Slot slot)
    {
        foreach (Frame child in _children)
        {
            if (child.Slot == slot) return child;
        }
        var made = new Frame(slot, this);
        lock (_gate)
        {
            if (_children.Length < ChildrenMax)
            {
                _children = [.. _children, made];
                slot.Store.Meter.Add(FrameBytes + 4L * made.Close.Length);
            }
        }
        return made;
    }
}
