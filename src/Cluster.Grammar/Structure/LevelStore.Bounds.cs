using System.Runtime.CompilerServices;

namespace Cluster.Grammar.Structure;

/// <summary>
/// Cheap upper bounds on what finishing costs: they decide whether a budget is near enough to look closely. What nothing finishes is left out of them: no token leads there.
/// </summary>
internal sealed partial class LevelStore
{
    /// <summary>
    /// Never less than the compact bytes from <paramref name="cursor"/>'s level, slot or leaf (the leaf's own rest not counted) to the end
    /// of the level, whichever reading comes true.
    /// </summary>
    public int UpperOf(in Cursor cursor) => cursor.Phase switch
    {
        Phase.Value or Phase.Colon => UpperOf(Unsafe.As<Slot>(cursor.At)),
        Phase.Scalar => UpperAfter(Unsafe.As<ValueLeaf>(cursor.At).Slot),
        Phase.Key => UpperOf(Unsafe.As<KeyLeaf>(cursor.At)),
        Phase.ObjectKey => UpperOf(Unsafe.As<ObjectLevel>(cursor.At).Keys) + KeyBytesMax(Unsafe.As<ObjectLevel>(cursor.At).Keys),
        _ => UpperOf(Unsafe.As<Level>(cursor.At)),
    };

    private int UpperOf(Slot slot)
    {
        if (slot.Upper >= 0) return slot.Upper;
        int most = 0;
        lock (machine.Gate)
        {
            foreach (SlotOutcome outcome in slot.Outcomes)
            {
                int bytes = Cost.Add(Cost.Add(machine.Costs.BytesOf(outcome.Predicate), outcome.BytesAfter), 1);
                if (bytes != Cost.None) most = Math.Max(most, bytes);
            }
        }
        return slot.Upper = most;
    }

    private static int UpperAfter(Slot slot)
    {
        if (slot.UpperAfter >= 0) return slot.UpperAfter;
        int most = 0;
        foreach (SlotOutcome outcome in slot.Outcomes)
        {
            if (outcome.BytesAfter != Cost.None) most = Math.Max(most, outcome.BytesAfter);
        }
        return slot.UpperAfter = most;
    }

    private int UpperOf(KeyLeaf keys)
    {
        if (keys.Upper >= 0) return keys.Upper;
        int most = 0;
        foreach (LiteralKey key in keys.Literals)
        {
            if (key.IsAlive) most = Math.Max(most, key.Upper >= 0 ? key.Upper : UpperOf(key.Slot!));
        }
        foreach (KeyClass keyClass in keys.Classes) most = Math.Max(most, UpperOf(keyClass.Anonymous));
        return keys.Upper = most;
    }

    private static int KeyBytesMax(KeyLeaf keys)
        => keys.BytesMax >= 0 ? keys.BytesMax : keys.BytesMax = 1 + keys.Automaton.ShortestLength(keys.Automaton.Start) + keys.LiteralTexts.Max(static x => x.Length, 0);

    private static int UpperOf(Level level)
    {
        if (level.Upper >= 0) return level.Upper;
        int most = 0;
        for (int i = 0; i < level.Count; i++)
        {
            if (level.BytesOf(i) != Cost.None) most = Math.Max(most, level.BytesOf(i));
        }
        return level.Upper = most;
    }
}

internal static class ArrayExtensions
{
    /// <summary>The greatest of <paramref name="key"/>; <paramref name="empty"/> for an empty array.</summary>
    public static int Max<T>(this T[] items, Func<T, int> key, int empty)
    {
        int most = empty;
        foreach (T item in items) most = Math.Max(most, key(item));
        return most;
    }
}
