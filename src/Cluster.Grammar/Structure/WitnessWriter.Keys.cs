using System.Runtime.CompilerServices;
using System.Text;
using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Structure;

/// <summary>
/// Keys. The plan for the whole object decides as long as the key so far is a beginning of what it says: whatever part of a witness is written already, the
/// rest of it is then the witness of where it leads. Only where the text has left the plan is a key chosen by itself.
/// </summary>
internal sealed partial class WitnessWriter
{
    private static readonly string[] _more =
        [.. from length in Enumerable.Range(1, 3) from c in "!#$%&'()*+,-./0123456789:;<=>?@" select new string(c, length)];

    private void BeginKey(ref Cursor cursor)
    {
        Add("\""u8);
        KeyLeaf keys = Unsafe.As<ObjectLevel>(cursor.At).Keys;
        cursor.At = keys;
        cursor.State = keys.Automaton.Start;
        FinishKey(ref cursor, []);
    }

    private void FinishKey(ref Cursor cursor, byte[] soFar)
    {
        if (TryPlannedKey(ref cursor, soFar)) return;
        (byte[] tail, Slot slot) = BestKey(cursor, soFar);
        Add(tail);
        cursor.At = slot;
        cursor.Phase = Phase.Colon;
        cursor.Key = null;
    }

    /// <summary>Follows the object's plan if it has a member and the key so far begins its first key.</summary>
    private bool TryPlannedKey(ref Cursor cursor, byte[] soFar)
    {
        ObjectLevel level = Unsafe.As<KeyLeaf>(cursor.At).Level;
        int reading = BestReading(level, cursor.Stack);
        LevelPlan plan = PlanOf(level, reading);
        PlannedMember? first = plan.Last;
        while (first?.Before is not null) first = first.Before;
        if (first is null || !first.Key.AsSpan(1).StartsWith(soFar)) return false;
        PushPlan(plan, isFirst: true, (byte)'}', keyBytesWritten: 1 + soFar.Length);
        Run();
        cursor.Key = null;
        LeaveLevel(ref cursor, level.UpOf(reading));
        return true;
    }

    /// <summary>Of the literals that the key so far begins, and the shortest key of each class, the one with the cheapest rest.</summary>
    private (byte[] Tail, Slot Slot) BestKey(in Cursor cursor, byte[] soFar)
    {
        var keys = Unsafe.As<KeyLeaf>(cursor.At);
        (int Bytes, byte[] Text, Slot? Slot) best = (int.MaxValue, [], null);
        Frame? stack = cursor.Stack;
        void Offer(byte[] text, Slot slot)
        {
            int bytes = Cost.Add(text.Length, BytesOf(slot, stack));
            if (best.Slot is null || bytes < best.Bytes || bytes == best.Bytes && text.AsSpan().SequenceCompareTo(best.Text) < 0) best = (bytes, text, slot);
        }
        int state = cursor.State;
        void OfferClass(byte[] rest)
        {
            int to = After(keys.Automaton, state, rest);
            int kind = keys.KindOf(to);
            // Which key of a class it is does not matter: the class loses one key either way.
            if (kind < 0) Offer(rest, keys.Classes[~kind].Anonymous);
            else if (keys.SlotOf(kind) is { } literal) Offer(rest, literal);
            else OfferLonger(rest);
        }
        // The key so far is one that may not come: any longer one does, unless that is taken too.
        void OfferLonger(byte[] taken)
        {
            foreach (string more in _more)
            {
                byte[] text = [.. taken[..^1], .. Encoding.ASCII.GetBytes(more), (byte)'"'];
                int to = After(keys.Automaton, state, text);
                if (to == ByteDfa.Dead || !keys.Automaton.IsAccepting(to) || keys.KindOf(to) >= 0) continue;
                Offer(text, keys.Classes[~keys.KindOf(to)].Anonymous);
                return;
            }
        }
        if (keys.Automaton.Single is { } single) OfferClass(single.ShortestCompletion(state).ToArray());
        else
        {
            foreach ((int part, int own) in keys.Automaton.LivePartsOf(state))
            {
                if (part >= keys.Literals.Length) OfferClass(keys.Automaton.PartAt(part).ShortestCompletion(own).ToArray());
            }
        }
        for (int i = 0; i < keys.LiteralTexts.Length; i++)
        {
            if (!keys.LiteralTexts[i].AsSpan().StartsWith(soFar)) continue;
            byte[] tail = keys.LiteralTexts[i][soFar.Length..];
            int end = After(keys.Automaton, state, tail);
            if (end != ByteDfa.Dead && keys.Automaton.IsAccepting(end) && keys.KindOf(end) == i && keys.SlotOf(i) is { } slot) Offer(tail, slot);
        }
        // A literal in a spelling of its own.
        if (best.Slot is null) OfferClass(keys.Automaton.ShortestCompletion(state).ToArray());
        return (best.Text, best.Slot!);
    }

    private static int After(LeafAutomaton automaton, int state, ReadOnlySpan<byte> text)
    {
        foreach (byte value in text)
        {
            if (state == ByteDfa.Dead) break;
            state = automaton.Next(state, value);
        }
        return state;
    }
}
