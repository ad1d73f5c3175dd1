using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cluster.Grammar.Automata;
using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>
/// Writes the witness of a position: one smallest way to complete the document. What it chooses depends on the position alone, so that
/// the rest of a witness is the witness of where it leads.
/// </summary>
internal sealed partial class WitnessWriter(Machine machine)
{
    private readonly List<byte> _text = [];
    private readonly Stack<Task> _open = new();
    private Capture? _captured;
    private bool _isSpaced;
    private long _bytesMax;

    // So far a scalar's rest is followed byte by byte to see what else it satisfies; a longer one counts as what it was written for.
    private const int FollowedMax = 4096;

    private readonly record struct Task(byte[]? Text, Formula? Value);

    /// <summary>The bytes from <paramref name="cursor"/> to the end of the document. Under the machine's gate.</summary>
    public byte[] Write(Cursor cursor) => TryWrite(cursor, long.MaxValue)!;

    /// <inheritdoc cref="Write"/>
    /// <returns>Null if there are more than <paramref name="bytesMax"/>; found out without writing them all.</returns>
    public byte[]? TryWrite(Cursor cursor, long bytesMax)
    {
        _bytesMax = bytesMax;
        _text.Clear();
        _open.Clear();
        _captured = cursor.Captured;
        _isSpaced = cursor.Spacing == Spacing.Spaced;
        if (_isSpaced && cursor.Gap == 1) _text.Add((byte)' ');
        while (cursor.Phase != Phase.Done)
        {
            if (_text.Count > _bytesMax) return null;
            if (TryFollowPlan(ref cursor)) continue;
            switch (cursor.Phase)
            {
                case Phase.Scalar: FinishScalar(ref cursor); break;
                case Phase.Key: FinishKey(ref cursor, KeyText.Join(cursor.Key, [])); break;
                case Phase.ObjectKey: BeginKey(ref cursor); break;
                case Phase.Colon:
                    Add(":"u8);
                    if (_isSpaced) Add(" "u8);
                    cursor.Phase = Phase.Value;
                    break;
                case Phase.Value: FillSlot(ref cursor, Unsafe.As<Slot>(cursor.At)); break;
                default: FinishLevel(ref cursor, Unsafe.As<Level>(cursor.At)); break;
            }
        }
        return _text.Count > _bytesMax ? null : [.. _text];
    }

    /// <summary>Deepest nesting of the document when <paramref name="text"/> completes it from <paramref name="cursor"/>.</summary>
    public static int DepthOf(ReadOnlySpan<byte> text, in Cursor cursor)
    {
        int depth = cursor.Stack?.Depth ?? 0, deepest = depth;
        bool isInString = cursor.Phase == Phase.Key || cursor.Phase == Phase.Scalar && Unsafe.As<ValueLeaf>(cursor.At).IsString;
        // A quote that ends the string stands before a separator; before anything else it is what a backslash, read already, escapes.
        bool isEscaped = isInString && text.Length > 1 && text[0] == '"' && !",:]} \t\r\n"u8.Contains(text[1]);
        for (int i = isEscaped ? 1 : 0; i < text.Length; i++)
        {
            if (isInString)
            {
                if (text[i] == '\\') i++;
                else if (text[i] == '"') isInString = false;
            }
            else if (text[i] == '"') isInString = true;
            else if (text[i] is (byte)'{' or (byte)'[') deepest = Math.Max(deepest, ++depth);
            else if (text[i] is (byte)'}' or (byte)']') depth--;
        }
        return deepest;
    }

    /// <summary>False, and the text marked as too long, if so many more bytes are.</summary>
    private bool HasRoomFor(int bytes)
    {
        if (_text.Count + (long)bytes <= _bytesMax) return true;
        _bytesMax = -1;
        return false;
    }

    private void Add(ReadOnlySpan<byte> text)
    {
        foreach (byte value in text) _text.Add(value);
    }

    private void FinishScalar(ref Cursor cursor)
    {
        var leaf = Unsafe.As<ValueLeaf>(cursor.At);
        if (leaf.Automaton.Single is { } single)
        {
            if (!HasRoomFor(single.ShortestLength(cursor.State))) return;
            Add(single.ShortestCompletion(cursor.State));
            Enter(ref cursor, leaf.Slot, leaf.LevelAfter(cursor.State));
            return;
        }
        // The shortest rest need not be the best: what comes after it counts too.
        (int part, int own) = BestPart(leaf, cursor);
        if (!HasRoomFor(leaf.Automaton.PartAt(part).ShortestLength(own))) return;
        ReadOnlySpan<byte> rest = leaf.Automaton.PartAt(part).ShortestCompletion(own);
        Add(rest);
        if (rest.Length > FollowedMax)
        {
            Enter(ref cursor, leaf.Slot, leaf.LevelAfterPart(part));
            return;
        }
        int state = cursor.State;
        foreach (byte value in rest) state = leaf.Automaton.Next(state, value);
        Enter(ref cursor, leaf.Slot, leaf.LevelAfter(state));
    }

    /// <summary>The text of the innermost value that is remembered, now that it is written.</summary>
    private byte[] EndCaptured()
    {
        byte[] json = KeyText.Join(_captured!.Before, CollectionsMarshal.AsSpan(_text));
        _captured = _captured.Outer;
        return json;
    }

    private static (int Part, int State) BestPart(ValueLeaf leaf, in Cursor cursor)
    {
        (int Part, int State) best = (-1, 0);
        int least = 0;
        foreach ((int part, int state) in leaf.Automaton.LivePartsOf(cursor.State))
        {
            int bytes = Cost.Add(leaf.Automaton.PartAt(part).ShortestLength(state), BytesAfter(leaf.OutcomeOf(part), cursor.Stack));
            if (best.Part < 0 || bytes < least) (best, least) = ((part, state), bytes);
        }
        return best;
    }

    private void Enter(ref Cursor cursor, Slot slot, Level level)
    {
        if (slot.IsRemembered) level = machine.Levels.WithItem(level, EndCaptured());
        cursor.At = level;
        cursor.Phase = level switch { ObjectLevel => Phase.ObjectNext, ArrayLevel => Phase.ArrayNext, _ => Phase.Done };
    }

    private int BytesOf(Slot slot, Frame? stack)
    {
        int best = Cost.None;
        foreach (SlotOutcome outcome in slot.Outcomes) best = Math.Min(best, BytesOf(outcome, stack));
        return best;
    }

    private int BytesOf(SlotOutcome outcome, Frame? stack)
        => Cost.Add(machine.Costs.BytesOf(outcome.Predicate), BytesAfter(outcome, stack));

    private static int BytesAfter(SlotOutcome outcome, Frame? stack) => Cost.Add(outcome.BytesAfter, stack?.Close[outcome.Up] ?? 0);

    private void FillSlot(ref Cursor cursor, Slot slot)
    {
        int best = 0;
        for (int i = 1; i < slot.Outcomes.Length; i++)
        {
            if (BytesOf(slot.Outcomes[i], cursor.Stack) < BytesOf(slot.Outcomes[best], cursor.Stack)) best = i;
        }
        int start = _text.Count;
        WriteValue(slot.Outcomes[best].Predicate);
        if (_text.Count > _bytesMax) return;
        FinishOutcome(ref cursor, slot, best, slot.IsRemembered ? CollectionsMarshal.AsSpan(_text)[start..] : default);
    }

    /// <summary>After the value of a slot: the rest of its owner, in one reading.</summary>
    /// <param name="item">The value's text, where it is remembered.</param>
    private void FinishOutcome(ref Cursor cursor, Slot slot, int index, ReadOnlySpan<byte> item)
    {
        SlotOutcome outcome = slot.Outcomes[index];
        switch (slot.Owner)
        {
            case SlotOwner.Document:
                cursor.Phase = Phase.Done;
                return;
            case SlotOwner.Object:
                ObjectState next = machine.Levels.PlanStateOf(slot, outcome.Next);
                WritePlan(machine.Costs.Read(reader => machine.Search.PlanObject(next, reader)), isFirst: false, (byte)'}');
                break;
            default:
                Formula rest = slot.IsRemembered ? machine.Search.Unique.With(outcome.Rest, machine.Search.Unique.ItemOf(item)) : outcome.Rest;
                WritePlan(machine.Costs.Read(reader => machine.Search.PlanArray(rest, false, reader)), isFirst: false, (byte)']');
                break;
        }
        LeaveLevel(ref cursor, outcome.Up);
    }

    private void FinishLevel(ref Cursor cursor, Level level)
    {
        int best = BestReading(level, cursor.Stack);
        WritePlan(PlanOf(level, best), level.IsFirst, level is ObjectLevel ? (byte)'}' : (byte)']');
        LeaveLevel(ref cursor, level.UpOf(best));
    }

    private static int BestReading(Level level, Frame? stack)
    {
        int best = 0;
        for (int i = 1; i < level.Count; i++)
        {
            if (BytesOf(level, i, stack) < BytesOf(level, best, stack)) best = i;
        }
        return best;
    }

    private LevelPlan PlanOf(Level level, int reading)
    {
        if (level is ObjectLevel members)
        {
            ObjectState state = members.Readings[reading].State;
            return machine.Costs.Read(reader => machine.Search.PlanObject(state, reader));
        }
        Formula rest = ((ArrayLevel)level).Readings[reading].Left;
        return machine.Costs.Read(reader => machine.Search.PlanArray(rest, level.IsFirst, reader));
    }

    private static int BytesOf(Level level, int reading, Frame? stack)
        => Cost.Add(level.BytesOf(reading), stack?.Close[level.UpOf(reading)] ?? 0);

    private void LeaveLevel(ref Cursor cursor, int up)
    {
        Frame frame = cursor.Stack!;
        cursor.Stack = frame.Parent;
        if (_text.Count > _bytesMax) return;
        FinishOutcome(ref cursor, frame.Slot, up, frame.Slot.IsRemembered ? EndCaptured() : default);
    }

    private void WritePlan(LevelPlan plan, bool isFirst, byte close)
    {
        PushPlan(plan, isFirst, close);
        Run();
    }

    private void WriteValue(Formula predicate)
    {
        _open.Push(new Task(null, predicate));
        Run();
    }

    /// <param name="keyBytesWritten">So much of the first member's key is written already, the comma before it too.</param>
    private void PushPlan(LevelPlan plan, bool isFirst, byte close, int keyBytesWritten = 0)
    {
        _open.Push(new Task([close], null));
        for (PlannedMember? member = plan.Last; member is not null; member = member.Before)
        {
            _open.Push(new Task(null, member.Predicate));
            byte[]? key = member.Before is null && keyBytesWritten > 0 ? member.Key![keyBytesWritten..] : member.Key;
            if (key is not null) _open.Push(new Task(_isSpaced ? [.. key, (byte)':', (byte)' '] : [.. key, (byte)':'], null));
            if (member.Before is not null || !isFirst) _open.Push(new Task(_isSpaced ? [(byte)',', (byte)' '] : [(byte)','], null));
        }
    }

    private void Run()
    {
        while (_text.Count <= _bytesMax && _open.TryPop(out Task task))
        {
            if (task.Text is not null)
            {
                Add(task.Text);
                continue;
            }
            Formula predicate = task.Value!;
            if (predicate.IsTrue)
            {
                Add("0"u8);
                continue;
            }
            machine.Costs.BytesOf(predicate);
            switch (machine.Costs.GoalOf(predicate).Kind)
            {
                case ValueKind.Null: Add("null"u8); break;
                case ValueKind.True: Add("true"u8); break;
                case ValueKind.False: Add("false"u8); break;
                case ValueKind.Number: Add(machine.Levels.SmallestNumberText(predicate)); break;
                case ValueKind.String:
                    if (HasRoomFor(machine.Costs.BytesOf(predicate))) Add(machine.Levels.SmallestStringText(predicate));
                    break;
                case ValueKind.Array:
                    Add("["u8);
                    Formula items = machine.Projector.Project(predicate, ValueKind.Array);
                    PushPlan(machine.Costs.Read(reader => machine.Search.PlanArray(items, true, reader)), true, (byte)']');
                    break;
                default:
                    Add("{"u8);
                    ObjectState start = machine.Levels.StartOf(predicate);
                    PushPlan(machine.Costs.Read(reader => machine.Search.PlanObject(start, reader)), true, (byte)'}');
                    break;
            }
        }
    }
}
