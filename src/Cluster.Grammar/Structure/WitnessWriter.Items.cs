using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cluster.Grammar.Structure;

/// <summary>
/// Items that are remembered. The array's plan decides an item as long as the item so far is a beginning of what the plan says: where places want different
/// values the smallest need not be the best one, and a smallest value found by itself need not be the one that the plan counted with.
/// </summary>
internal sealed partial class WitnessWriter
{
    private readonly record struct OpenItem(Slot Slot, Frame? Around, Capture? Capture);

    /// <summary>The text so far of some item that is being remembered may yet become one that a plan makes use of.</summary>
    public static bool MayBePlanned(in Cursor cursor)
    {
        if (cursor.Captured is null) return false;
        foreach (OpenItem item in OpenItems(cursor, cursor.Captured))
        {
            if (Compact(KeyText.Join(item.Capture?.Before, [])).Length <= item.Slot.PlannedBytesMax) return true;
        }
        return false;
    }

    /// <summary>The remembered items around a cursor, outermost first.</summary>
    private static Stack<OpenItem> OpenItems(in Cursor cursor, Capture? innermost)
    {
        var open = new Stack<OpenItem>();
        if (cursor.Phase == Phase.Value && Unsafe.As<Slot>(cursor.At) is { IsRemembered: true } empty) open.Push(new OpenItem(empty, cursor.Stack, null));
        if (cursor.Phase == Phase.Scalar && Unsafe.As<ValueLeaf>(cursor.At).Slot is { IsRemembered: true } own)
        {
            open.Push(new OpenItem(own, cursor.Stack, innermost));
            innermost = innermost?.Outer;
        }
        for (Frame? frame = cursor.Stack; frame is not null && innermost is not null; frame = frame.Parent)
        {
            if (!frame.Slot.IsRemembered) continue;
            open.Push(new OpenItem(frame.Slot, frame.Parent, innermost));
            innermost = innermost.Outer;
        }
        return open;
    }

    /// <summary>Completes the outermost remembered item that its array's plan still fits, and the array with it; false if there is none.</summary>
    private bool TryFollowPlan(ref Cursor cursor)
    {
        bool isBefore = cursor.Phase == Phase.Value && Unsafe.As<Slot>(cursor.At).IsRemembered;
        if (_captured is null && !isBefore) return false;
        foreach (OpenItem item in OpenItems(cursor, _captured))
        {
            byte[] soFar = item.Capture is null ? [] : Compact(KeyText.Join(item.Capture.Before, CollectionsMarshal.AsSpan(_text)));
            if (soFar.Length <= item.Slot.PlannedBytesMax && TryFollow(ref cursor, item, soFar)) return true;
        }
        return false;
    }

    /// <param name="soFar">The item as far as it is written, without white space.</param>
    private bool TryFollow(ref Cursor cursor, OpenItem item, byte[] soFar)
    {
        (LevelPlan Plan, int Up, int Bytes) best = (default, 0, Cost.None);
        foreach ((Formula left, int up) in item.Slot.Readings)
        {
            LevelPlan plan = machine.Search.Unique.PlanFrom(left);
            int bytes = Cost.Add(plan.Bytes, item.Around?.Close[up] ?? 0);
            if (bytes < best.Bytes) best = (plan, up, bytes);
        }
        if (best.Bytes == Cost.None) return false;
        List<PlannedMember> members = best.Plan.Members();
        byte[] first = machine.Search.Texts.Of(members[0].Predicate);
        if (!first.AsSpan().StartsWith(soFar)) return false;
        if (item.Capture is not null) _captured = item.Capture.Outer;
        AddRest(first, soFar.Length);
        PlannedMember? rest = null;
        foreach (PlannedMember member in members.Skip(1)) rest = member with { Before = rest };
        WritePlan(best.Plan with { Last = rest }, isFirst: false, (byte)']');
        cursor.Stack = item.Around;
        if (_text.Count <= _bytesMax) LeaveLevel(ref cursor, best.Up);
        return true;
    }

    /// <summary>Adds the rest of a compact text, spaced as the document is.</summary>
    private void AddRest(ReadOnlySpan<byte> compact, int start)
    {
        bool isInString = false, isEscaped = false;
        for (int i = 0; i < compact.Length; i++)
        {
            byte value = compact[i];
            if (i >= start) _text.Add(value);
            if (isEscaped) isEscaped = false;
            else if (isInString && value == '\\') isEscaped = true;
            else if (value == '"') isInString = !isInString;
            else if (i >= start && _isSpaced && !isInString && value is ((byte)',' or (byte)':')) _text.Add((byte)' ');
        }
    }

    /// <summary>A beginning of a JSON text without the white space between its parts.</summary>
    private static byte[] Compact(ReadOnlySpan<byte> text)
    {
        var compact = new List<byte>(text.Length);
        bool isInside = false;
        for (int i = 0; i < text.Length; i++)
        {
            byte value = text[i];
            if (!isInside && value is ((byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')) continue;
            compact.Add(value);
            if (isInside && value == '\\' && i + 1 < text.Length) compact.Add(text[++i]);
            else if (value == '"') isInside = !isInside;
        }
        return [.. compact];
    }
}
