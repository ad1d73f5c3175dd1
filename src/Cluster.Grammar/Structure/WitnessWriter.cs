using System.Runtime.CompilerServices;
using Cluster.Grammar.Automata;
using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>
/// Writes the witness of a position: one smallest way to complete the document. What it chooses depends on the position alone, so that
/// the rest of a witness is the witness of where it leads.
/// </summary>
internal sealed class WitnessWriter(Machine machine)
{
    private readonly List<byte> _text = [];
    private readonly Stack<Task> _open = new();
    private bool _isSpaced;
    private long _bytesMax;

    // So far a scalar's rest is followed byte by byte to see what else it satisfies; a longer one counts as what it was written for.
    private const int FollowedMax = 4096;

    private static readonly string[] _more =
        [.. from length in Enumerable.Range(1, 3) from c in "!#$%&'()*+,-./0123456789:;<=>?@" select new string(c, length)];

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
        _isSpaced = cursor.Spacing == Spacing.Spaced;
        if (_isSpaced && cursor.Gap == 1) _text.Add((byte)' ');
        while (cursor.Phase != Phase.Done)
        {
            if (_text.Count > _bytesMax) return null;
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
            Enter(ref cursor, leaf.LevelAfter(cursor.State));
            return;
        }
        // The shortest rest need not be the best: what comes after it counts too.
        (int part, int own) = BestPart(leaf, cursor);
        if (!HasRoomFor(leaf.Automaton.PartAt(part).ShortestLength(own))) return;
        ReadOnlySpan<byte> rest = leaf.Automaton.PartAt(part).ShortestCompletion(own);
        Add(rest);
        if (rest.Length > FollowedMax)
        {
            Enter(ref cursor, leaf.LevelAfterPart(part));
            return;
        }
        int state = cursor.State;
        foreach (byte value in rest) state = leaf.Automaton.Next(state, value);
        Enter(ref cursor, leaf.LevelAfter(state));
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

    private static void Enter(ref Cursor cursor, Level level)
    {
        cursor.At = level;
        cursor.Phase = level switch { ObjectLevel => Phase.ObjectNext, ArrayLevel => Phase.ArrayNext, _ => Phase.Done };
    }

    private void BeginKey(ref Cursor cursor)
    {
        Add("\""u8);
        KeyLeaf keys = Unsafe.As<ObjectLevel>(cursor.At).Keys;
        cursor.At = keys;
        cursor.State = keys.Automaton.Start;
        FinishKey(ref cursor, []);
    }

    /// <summary>Of the literals that the key so far begins, and the shortest key of all, the one with the cheapest rest.</summary>
    private void FinishKey(ref Cursor cursor, byte[] soFar)
    {
        var keys = Unsafe.As<KeyLeaf>(cursor.At);
        int best = int.MaxValue;
        byte[] bestText = [];
        Slot? bestSlot = null;
        Frame? stack = cursor.Stack;
        void Offer(byte[] text, Slot slot)
        {
            int bytes = Cost.Add(text.Length, BytesOf(slot, stack));
            if (bestSlot is null || bytes < best || bytes == best && text.AsSpan().SequenceCompareTo(bestText) < 0)
            {
                (best, bestText, bestSlot) = (bytes, text, slot);
            }
        }
        byte[] rest = keys.Automaton.ShortestCompletion(cursor.State).ToArray();
        int state = cursor.State;
        foreach (byte value in rest) state = keys.Automaton.Next(state, value);
        int kind = keys.KindOf(state);
        // Which key of a class it is does not matter: the class loses one key either way.
        if (kind < 0) Offer(rest, keys.Classes[~kind].Anonymous);
        else if (keys.SlotOf(kind) is { } literal) Offer(rest, literal);
        else OfferOther(cursor.State, rest);
        // The key so far is one that may not come: any longer one does, unless that is taken too.
        void OfferOther(int from, byte[] taken)
        {
            foreach (string more in _more)
            {
                byte[] text = [.. taken[..^1], .. System.Text.Encoding.ASCII.GetBytes(more), (byte)'"'];
                int to = from;
                foreach (byte value in text) to = keys.Automaton.Next(to, value);
                if (to == ByteDfa.Dead || !keys.Automaton.IsAccepting(to) || keys.KindOf(to) >= 0) continue;
                Offer(text, keys.Classes[~keys.KindOf(to)].Anonymous);
                return;
            }
        }
        for (int i = 0; i < keys.LiteralTexts.Length; i++)
        {
            int end = cursor.State;
            if (!keys.LiteralTexts[i].AsSpan().StartsWith(soFar)) continue;
            byte[] tail = keys.LiteralTexts[i][soFar.Length..];
            foreach (byte value in tail)
            {
                if (end != ByteDfa.Dead) end = keys.Automaton.Next(end, value);
            }
            if (end != ByteDfa.Dead && keys.Automaton.IsAccepting(end) && keys.KindOf(end) == i && keys.SlotOf(i) is { } slot) Offer(tail, slot);
        }
        Add(bestText);
        cursor.At = bestSlot!;
        cursor.Phase = Phase.Colon;
        cursor.Key = null;
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
        WriteValue(slot.Outcomes[best].Predicate);
        FinishOutcome(ref cursor, slot, best);
    }

    /// <summary>After the value of a slot: the rest of its owner, in one reading.</summary>
    private void FinishOutcome(ref Cursor cursor, Slot slot, int index)
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
                WritePlan(machine.Costs.Read(reader => machine.Search.PlanArray(outcome.Rest, false, reader)), isFirst: false, (byte)']');
                break;
        }
        LeaveLevel(ref cursor, outcome.Up);
    }

    private void FinishLevel(ref Cursor cursor, Level level)
    {
        int best = 0;
        for (int i = 1; i < level.Count; i++)
        {
            if (BytesOf(level, i, cursor.Stack) < BytesOf(level, best, cursor.Stack)) best = i;
        }
        if (level is ObjectLevel members)
        {
            ObjectState state = members.Readings[best].State;
            WritePlan(machine.Costs.Read(reader => machine.Search.PlanObject(state, reader)), level.IsFirst, (byte)'}');
        }
        else
        {
            Formula rest = ((ArrayLevel)level).Readings[best].Left;
            WritePlan(machine.Costs.Read(reader => machine.Search.PlanArray(rest, level.IsFirst, reader)), level.IsFirst, (byte)']');
        }
        LeaveLevel(ref cursor, level.UpOf(best));
    }

    private static int BytesOf(Level level, int reading, Frame? stack)
        => Cost.Add(level.BytesOf(reading), stack?.Close[level.UpOf(reading)] ?? 0);

    private void LeaveLevel(ref Cursor cursor, int up)
    {
        Frame frame = cursor.Stack!;
        cursor.Stack = frame.Parent;
        FinishOutcome(ref cursor, frame.Slot, up);
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

    private void PushPlan(LevelPlan plan, bool isFirst, byte close)
    {
        _open.Push(new Task([close], null));
        for (PlannedMember? member = plan.Last; member is not null; member = member.Before)
        {
            _open.Push(new Task(null, member.Predicate));
            if (member.Key is not null) _open.Push(new Task(_isSpaced ? [.. member.Key, (byte)':', (byte)' '] : [.. member.Key, (byte)':'], null));
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
