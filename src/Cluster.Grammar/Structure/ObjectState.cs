using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Structure;

/// <summary>Where one reading of an object stands between two members.</summary>
/// <param name="Rest">What the rest of the object has to satisfy.</param>
/// <param name="Seen">Keys seen that have no place in <paramref name="Order"/>.</param>
/// <param name="Rank">Keys of the order before this place are over: seen or skipped.</param>
/// <param name="Order">The keys that have a place.</param>
/// <param name="IsFirst">No member yet: the next one needs no comma.</param>
internal readonly record struct ObjectState(Formula Rest, NameSet Seen, int Rank, NameOrder Order, bool IsFirst)
{
    /// <summary>May a member of this key come next, as far as order and uniqueness say?</summary>
    public bool Admits(int name)
    {
        int rank = Order.RankOf(name);
        return rank >= 0 ? rank >= Rank : !Seen.Contains(name);
    }

    /// <summary>After a member of key <paramref name="name"/> that leaves <paramref name="rest"/>.</summary>
    public ObjectState After(Machine machine, int name, Formula rest)
    {
        int rank = Order.RankOf(name);
        return rank >= 0
            ? this with { Rest = rest, Rank = rank + 1, IsFirst = false }
            : this with { Rest = rest, Rank = Order.Names.Length, Seen = machine.Names.Add(Seen, name), IsFirst = false };
    }
}

/// <summary>Formula-level operations on objects.</summary>
internal static class ObjectFormulas
{
    /// <summary>The verdict if the object ended here.</summary>
    public static bool AtEnd(Formula formula) => formula.Kind switch
    {
        FormulaKind.True => true,
        FormulaKind.False => false,
        FormulaKind.Atom => formula.Atom is ObjectAtom atom ? atom.AtEnd : ((ArrayAtom)formula.Atom!).AtEnd,
        FormulaKind.Tracking => true,
        FormulaKind.And => Array.TrueForAll(formula.Kids, AtEnd),
        FormulaKind.Or => Array.Exists(formula.Kids, AtEnd),
        FormulaKind.Not => !AtEnd(formula.Kids[0]),
        _ => formula.Kids.Count(AtEnd) == 1,
    };

    /// <summary>The formula after a member's key, with questions about its value (and, for other keys, about the key).</summary>
    public static Formula AfterKey(Machine machine, Formula formula, int name)
    {
        machine.Spend();
        if (machine.AfterKeys.TryGetValue((long)name << 32 | (uint)formula.Id, out Formula? known)) return known;
        return machine.Store.Rewrite(formula, atom => atom.Atom is ObjectAtom residual ? residual.After(machine, atom, name) : atom,
            (atom, kids) => ((UnevaluatedMembers)atom).After(machine, kids, name), memo: machine.AfterKeys, tag: name);
    }

    /// <summary>The formula when it is certain that no member of key <paramref name="name"/> will come.</summary>
    public static Formula WithoutKey(Machine machine, Formula formula, int name)
        => machine.Store.Rewrite(formula, atom => atom.Atom switch
        {
            HasAll has when has.Names.Contains(name) => machine.Store.False,
            MembersAtom members => members.Without(machine, atom, name),
            _ => atom,
        }, memo: machine.WithoutKeys, tag: name);

    /// <summary>Names that some atom treats apart from all other keys.</summary>
    public static NameSet NamesIn(Machine machine, Formula formula) => formula.Names ??= FindNames(machine, formula);

    private static NameSet FindNames(Machine machine, Formula formula)
    {
        NameSet names = machine.Names.Empty;
        if (formula.Atom is ObjectAtom or UnevaluatedMembers)
        {
            var own = new HashSet<int>();
            if (formula.Atom is ObjectAtom atom) atom.CollectNames(machine, own);
            else ((UnevaluatedMembers)formula.Atom).CollectNames(machine, own);
            if (own.Count > 0) names = machine.Names.Set(own);
        }
        if (formula.Kids.Length == 1) return machine.Names.Union(NamesIn(machine, formula.Kids[0]), names);
        if (formula.Kids.Length == 0) return names;
        var all = new HashSet<int>(names.Names);
        foreach (Formula kid in formula.Kids) all.UnionWith(NamesIn(machine, kid).Names);
        return machine.Names.Set(all);
    }

    /// <summary>The keys that no formula mentions, split into classes of keys that are treated alike.</summary>
    /// <returns>For each class its keys (as a formula over key questions) and what <paramref name="formula"/> becomes.</returns>
    public static List<(Formula Keys, Formula Next)> SplitKeys(Machine machine, Formula formula)
    {
        FormulaStore store = machine.Store;
        var done = new List<(Formula Keys, Formula Next)>();
        var open = new Stack<(Formula Keys, Formula Next)>();
        open.Push((store.True, formula));
        while (open.TryPop(out (Formula Keys, Formula Next) item))
        {
            machine.Spend();
            if (item.Next.IsFalse || item.Keys.IsFalse) continue;
            if (!item.Next.HasKeyQuestions)
            {
                int same = done.FindIndex(x => x.Next == item.Next);
                if (same < 0) done.Add(item);
                else done[same] = (store.Or(done[same].Keys, item.Keys), item.Next);
                continue;
            }
            Formula question = item.Next;
            while (question.Kind != FormulaKind.Atom) question = question.Kids.First(static x => x.HasKeyQuestions);
            foreach (bool verdict in (ReadOnlySpan<bool>)[false, true])
            {
                Formula keys = store.And(item.Keys, verdict ? question : store.Not(question));
                Formula next = store.Rewrite(item.Next, atom => atom == question ? store.Constant(verdict) : atom);
                if (!next.IsFalse && machine.Projector.KeysOf(keys).IsEmpty(machine.Fuel) != Answer.Yes) open.Push((keys, next));
            }
        }
        return done;
    }
}
