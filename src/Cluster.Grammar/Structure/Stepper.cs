using System.Runtime.CompilerServices;
using Cluster.Grammar.Automata;
using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>Moves cursors over bytes: the whole of JSON's syntax, with every choice of the schema behind levels, slots and leaves.</summary>
internal sealed class Stepper(Machine machine)
{
    private readonly bool _isBounded = machine.Options.Whitespace == Whitespace.Bounded;
    private readonly int _gapMax = Math.Min(machine.Options.WhitespaceBytesMax, short.MaxValue);
    private readonly int _depthMax = machine.Options.DepthMax;

    /// <summary>Before the first byte.</summary>
    public Cursor Start() => new()
    {
        At = machine.Levels.Document,
        Phase = Phase.Value,
        Spacing = machine.Options.Whitespace switch
        {
            Whitespace.Spaced => Spacing.Spaced,
            Whitespace.CompactOrSpaced => Spacing.Unknown,
            _ => Spacing.Compact,
        },
    };

    /// <summary>
    /// Reads one byte, number <paramref name="index"/> of <paramref name="token"/>; false when it is not allowed, and the cursor is then
    /// unusable.
    /// </summary>
    /// <param name="token">The token's bytes as far as known, for the text of its keys.</param>
    /// <param name="needsKeys">False where what follows in the token cannot depend on which undeclared key was read.</param>
    public bool Step(ref Cursor cursor, byte value, ReadOnlySpan<byte> token, int index, bool needsKeys)
    {
        while (true)
        {
            switch (cursor.Phase)
            {
                case Phase.Scalar:
                    var leaf = Unsafe.As<ValueLeaf>(cursor.At);
                    int next = leaf.Automaton.Next(cursor.State, value);
                    if (next != ByteDfa.Dead)
                    {
                        cursor.State = next;
                        if (leaf.Automaton.IsSelfDelimiting && leaf.Automaton.IsAccepting(next))
                        {
                            After(ref cursor, leaf.Slot, leaf.LevelAfter(next), token, index + 1, needsKeys);
                        }
                        return true;
                    }
                    if (leaf.Automaton.IsSelfDelimiting || !leaf.Automaton.IsAccepting(cursor.State)) return false;
                    After(ref cursor, leaf.Slot, leaf.LevelAfter(cursor.State), token, index, needsKeys);
                    continue; // a number ends where something else begins
                case Phase.Key:
                    var keys = Unsafe.As<KeyLeaf>(cursor.At);
                    next = keys.Automaton.Next(cursor.State, value);
                    if (next == ByteDfa.Dead) return false;
                    cursor.State = next;
                    return !keys.Automaton.IsAccepting(next) || TryEndKey(ref cursor, keys, token, index, needsKeys);
                default:
                    if (TryGap(ref cursor, value, out bool isAllowed)) return isAllowed;
                    return Structural(ref cursor, value, token, index, needsKeys);
            }
        }
    }

    /// <summary>The cursor after the scalar it stands in, should that end as a text of one part of its leaf.</summary>
    public static Cursor AfterValue(Cursor cursor, int part)
    {
        if (Unsafe.As<ValueLeaf>(cursor.At).Slot.IsRemembered) cursor.Captured = cursor.Captured!.Outer;
        After(ref cursor, Unsafe.As<ValueLeaf>(cursor.At).LevelAfterPart(part));
        return cursor;
    }

    /// <summary>The cursor after the key it stands in, should that lead to <paramref name="slot"/>.</summary>
    public static Cursor AfterKey(Cursor cursor, Slot slot)
    {
        EndKey(ref cursor, slot);
        return cursor;
    }

    /// <summary>The text so far is a whole document.</summary>
    public bool IsComplete(in Cursor cursor)
        => cursor.Phase == Phase.Done
            || cursor.Phase == Phase.Scalar && cursor.Stack is null && Unsafe.As<ValueLeaf>(cursor.At).Automaton is { IsSelfDelimiting: false } leaf
            && leaf.IsAccepting(cursor.State);

    private static bool TryEndKey(ref Cursor cursor, KeyLeaf keys, ReadOnlySpan<byte> token, int index, bool needsKeys)
    {
        int kind = keys.KindOf(cursor.State);
        Slot? slot = kind >= 0 ? keys.SlotOf(kind)
            : !needsKeys ? keys.Classes[~kind].Anonymous
            : keys.SlotOf(~kind, LevelStore.DecodeKey(KeyText.Join(cursor.Key, token[cursor.KeyStart..(index + 1)])));
        if (slot is null) return false;
        EndKey(ref cursor, slot);
        return true;
    }

    private static void EndKey(ref Cursor cursor, Slot slot)
    {
        cursor.At = slot;
        cursor.Phase = Phase.Colon;
        cursor.Key = null;
        cursor.State = 0;
        cursor.Gap = 0;
    }

    private bool Structural(ref Cursor cursor, byte value, ReadOnlySpan<byte> token, int index, bool needsKeys)
    {
        switch (cursor.Phase)
        {
            case Phase.Value:
                return BeginValue(ref cursor, Unsafe.As<Slot>(cursor.At), value, index);
            case Phase.ObjectOpen or Phase.ObjectKey when value == '"':
                return BeginKey(ref cursor, Unsafe.As<ObjectLevel>(cursor.At).Keys, index);
            case Phase.ObjectOpen or Phase.ObjectNext when value == '}':
            case Phase.ArrayOpen or Phase.ArrayNext when value == ']':
                return Close(ref cursor, Unsafe.As<Level>(cursor.At), token, index, needsKeys);
            case Phase.ObjectNext when value == ',':
                if (Unsafe.As<ObjectLevel>(cursor.At).Keys.Automaton.Start == ByteDfa.Dead) return false;
                Separate(ref cursor, Phase.ObjectKey);
                return true;
            case Phase.Colon when value == ':':
                Separate(ref cursor, Phase.Value);
                return true;
            case Phase.ArrayOpen:
                return Unsafe.As<ArrayLevel>(cursor.At).Item is { } first && BeginValue(ref cursor, first, value, index);
            case Phase.ArrayNext when value == ',':
                if (Unsafe.As<ArrayLevel>(cursor.At).Item is not { } item) return false;
                cursor.At = item;
                Separate(ref cursor, Phase.Value);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Handles white space; true when the byte is dealt with.</summary>
    private bool TryGap(ref Cursor cursor, byte value, out bool isAllowed)
    {
        isAllowed = true;
        if (_isBounded)
        {
            if (value is not ((byte)' ' or (byte)'\n' or (byte)'\t' or (byte)'\r')) return false;
            isAllowed = cursor.Gap < _gapMax;
            cursor.Gap++;
            return true;
        }
        if (cursor.Gap == 0) return false;
        cursor.Gap = 0;
        if (value == ' ')
        {
            cursor.Spacing = Spacing.Spaced;
            return true;
        }
        isAllowed = false;
        if (cursor.Spacing == Spacing.Spaced) return true;
        cursor.Spacing = Spacing.Compact;
        return false;
    }

    private void Separate(ref Cursor cursor, Phase phase)
    {
        cursor.Phase = phase;
        cursor.Gap = (short)(_isBounded || cursor.Spacing == Spacing.Compact ? 0 : 1);
    }

    private bool BeginValue(ref Cursor cursor, Slot slot, byte value, int index)
    {
        cursor.Gap = 0;
        if (slot.IsRemembered) cursor.Captured = new Capture(cursor.Captured, null, index);
        switch (value)
        {
            case (byte)'"':
                return slot.String is { } text && Begin(ref cursor, text, text.Automaton.Start);
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                return slot.Number is { } number && Begin(ref cursor, number, number.Automaton.Next(number.Automaton.Start, value));
            case (byte)'n':
                return slot.Word(ValueKind.Null) is { } nothing && Begin(ref cursor, nothing, 2);
            case (byte)'t':
                return slot.Word(ValueKind.True) is { } yes && Begin(ref cursor, yes, 2);
            case (byte)'f':
                return slot.Word(ValueKind.False) is { } no && Begin(ref cursor, no, 2);
            case (byte)'{':
                return slot.Object is { } members && Push(ref cursor, slot, members, Phase.ObjectOpen);
            case (byte)'[':
                return slot.Array is { } items && Push(ref cursor, slot, items, Phase.ArrayOpen);
            default:
                return false;
        }
    }

    private static bool Begin(ref Cursor cursor, ValueLeaf leaf, int state)
    {
        cursor.Phase = Phase.Scalar;
        cursor.At = leaf;
        cursor.State = state;
        return state != ByteDfa.Dead;
    }

    private static bool BeginKey(ref Cursor cursor, KeyLeaf keys, int index)
    {
        cursor.Phase = Phase.Key;
        cursor.At = keys;
        cursor.State = keys.Automaton.Start;
        cursor.KeyStart = index + 1;
        cursor.Gap = 0;
        return cursor.State != ByteDfa.Dead;
    }

    private bool Push(ref Cursor cursor, Slot slot, Level level, Phase phase)
    {
        if ((cursor.Stack?.Depth ?? 0) >= _depthMax) return false;
        cursor.Stack = cursor.Stack is null ? machine.Levels.Bottom : cursor.Stack.Push(slot);
        cursor.At = level;
        cursor.Phase = phase;
        return true;
    }

    private bool Close(ref Cursor cursor, Level level, ReadOnlySpan<byte> token, int index, bool needsKeys)
    {
        if (level.AcceptedUps.Length == 0) return false;
        Frame frame = cursor.Stack!;
        cursor.Stack = frame.Parent;
        After(ref cursor, frame.Slot, frame.Slot.After(level.AcceptedUps), token, index + 1, needsKeys);
        return true;
    }

    /// <summary>Goes on after a value that ends before byte <paramref name="end"/> of the token.</summary>
    private void After(ref Cursor cursor, Slot slot, Level level, ReadOnlySpan<byte> token, int end, bool needsValues)
    {
        if (slot.IsRemembered)
        {
            Capture capture = cursor.Captured!;
            if (needsValues) level = machine.Levels.WithItem(level, KeyText.Join(capture.Before, token[capture.Start..end]));
            cursor.Captured = capture.Outer;
        }
        After(ref cursor, level);
    }

    private static void After(ref Cursor cursor, Level level)
    {
        cursor.At = level;
        cursor.Phase = level switch { ObjectLevel => Phase.ObjectNext, ArrayLevel => Phase.ArrayNext, _ => Phase.Done };
        cursor.State = 0;
        cursor.Gap = 0;
    }
}
