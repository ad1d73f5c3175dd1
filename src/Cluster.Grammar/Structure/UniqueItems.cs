namespace Cluster.Grammar.Structure;

/// <summary>
/// uniqueItems beside whatever asks for more items: plans whose items differ, and which items of a place would leave none.
/// </summary>
/// <remarks>
/// Which value stands at a place matters later only where it is scarce. A plan for the rest that does without a value proves that the value may be taken
/// now; so only the values of one plan have to be tried, each by a plan that does without it, and the array can be filled with any value but those that fail.
/// </remarks>
internal sealed class UniqueItems(Machine machine)
{
    /// <summary>What the rest of an array has to satisfy when <paramref name="item"/> has come.</summary>
    public Formula With(Formula rest, int item)
        => !rest.HasUnique ? rest : machine.Store.Rewrite(rest, atom => atom.Atom is UniqueAtom unique
            ? machine.Store.Atom(new UniqueAtom(machine.Names.Add(unique.Seen, item))) : atom);

    /// <summary>The name of an item, by its value.</summary>
    /// <param name="json">Its text.</param>
    public int ItemOf(ReadOnlySpan<byte> json) => machine.Names.IdOf(CanonicalJson.Of(json));

    /// <summary>
    /// A plan that is known for fewer items that have come, if it has no need of the others: those only narrow the choice. So the many items that no plan would
    /// make use of have one plan. Null if all matter, or if what was consulted is not final.
    /// </summary>
    public LevelPlan? WithFewerSeen(Formula rest, bool isFirst, CostReader reader)
    {
        if (rest.Kind != FormulaKind.And) return null;
        NameSet seen = machine.Names.Empty;
        foreach (Formula kid in rest.Kids)
        {
            if (kid.Atom is UniqueAtom unique) seen = machine.Names.Union(seen, unique.Seen);
            else if (kid.HasUnique) return null;
        }
        for (NameSet needed = machine.Names.Empty; needed != seen;)
        {
            Formula fewer = machine.Store.Atom(new UniqueAtom(needed));
            bool outer = reader.Begin();
            LevelPlan plan = machine.Search.PlanArray(machine.Store.And(rest.Kids.Select(kid => kid.Atom is UniqueAtom ? fewer : kid)), isFirst, reader);
            if (!reader.End(outer)) return null;
            NameSet before = needed;
            for (PlannedMember? member = plan.Bytes == Cost.None ? null : plan.Last; member is not null; member = member.Before)
            {
                int item = ItemOf(member);
                if (seen.Contains(item)) needed = machine.Names.Add(needed, item);
            }
            if (needed == before) return plan;
        }
        return null;
    }

    /// <summary>The plan with every member's value named.</summary>
    public LevelPlan WithItems(LevelPlan plan)
    {
        if (plan.Bytes == Cost.None || plan.Last is null || plan.Members().TrueForAll(static x => x.Item >= 0)) return plan;
        PlannedMember? last = null;
        foreach (PlannedMember member in plan.Members()) last = member with { Before = last, Item = ItemOf(member) };
        return plan with { Last = last };
    }

    /// <summary>Places that are all alike take the smallest values that are still free. Null when the formula is more than that.</summary>
    public LevelPlan? Plain(Formula rest, bool isFirst, CostReader reader)
    {
        int min = 0, max = int.MaxValue;
        NameSet seen = machine.Names.Empty;
        Formula each = machine.Store.True;
        foreach (Formula kid in rest.Kind == FormulaKind.And ? rest.Kids : [rest])
        {
            switch (kid.Atom)
            {
                case MinItems atom: min = Math.Max(min, atom.Left); break;
                case MaxItems atom: max = Math.Min(max, atom.Left); break;
                case UniqueAtom atom: seen = machine.Names.Union(seen, atom.Seen); break;
                case ItemsAtom atom when atom.Index >= atom.Rules.Prefix.Count: each = machine.Store.And(each, atom.PredicateAt(machine, atom.Index)); break;
                default: return null;
            }
        }
        if (min > max) return new LevelPlan(Cost.None, null);
        int bytes = 1 + min - (isFirst && min > 0 ? 1 : 0);
        PlannedMember? last = null;
        SmallestValues values = ValuesOf(each);
        for (int i = 0, taken = 0; taken < min; i++)
        {
            machine.Spend();
            if (!values.TryGet(i, reader, out KnownValue value)) return new LevelPlan(Cost.None, null);
            if (seen.Contains(value.Item)) continue;
            bytes = Cost.Add(bytes, value.Bytes);
            last = new PlannedMember(last, null, value.Predicate) { Item = value.Item };
            if (bytes == Cost.None) return new LevelPlan(Cost.None, null);
            taken++;
        }
        return new LevelPlan(bytes, last) { IsUniform = true };
    }

    /// <summary>Values worth trying for one outcome of an item: the smallest, and larger ones only while each could be what a later place needs more.</summary>
    /// <remarks>A later place that any value of the outcome could fill is no rival: if it took the smallest, the two could change places.</remarks>
    public IEnumerable<KnownValue> Candidates(Outcome outcome, CostReader reader)
    {
        SmallestValues values = ValuesOf(outcome.Predicate);
        int needed = 1;
        List<Formula>? rivals = null;
        for (int i = 0; i < needed && values.TryGet(i, reader, out KnownValue value); i++)
        {
            yield return value;
            if (rivals is null)
            {
                rivals = [];
                needed += Rivals(outcome.Next, outcome.Predicate, rivals);
            }
            if (!rivals.Exists(x => !reader.IsImpossible(machine.Store.And(x, value.Predicate)))) yield break;
        }
    }

    /// <summary>
    /// The values of an item's outcome that leave the array a way to be finished, and the bytes that this then takes at most, whichever of them comes;
    /// <see cref="Cost.None"/> if no value does.
    /// </summary>
    /// <param name="left">What the array has to satisfy before the item.</param>
    /// <param name="longest">Raised to the bytes of the longest value that a plan makes use of.</param>
    public (Formula Predicate, int Bytes) Finishable(Formula left, Outcome outcome, ref int longest)
    {
        foreach (PlannedMember member in PlanFrom(left).Members()) longest = Math.Max(longest, machine.Costs.BytesOf(member.Predicate));
        LevelPlan plan = PlanAfter(outcome.Next);
        if (plan.Bytes == Cost.None) return Planned(left, outcome);
        int most = plan.Bytes;
        Formula predicate = outcome.Predicate;
        foreach (PlannedMember member in plan.Members())
        {
            int item = ItemOf(member);
            longest = Math.Max(longest, machine.Costs.BytesOf(member.Predicate));
            Formula value = machine.ValueOf(item);
            if (machine.Costs.BytesOf(machine.Store.And(outcome.Predicate, value)) == Cost.None) continue;
            int bytes = PlanAfter(With(outcome.Next, item)).Bytes;
            if (bytes == Cost.None)
            {
                predicate = machine.Store.And(predicate, machine.Store.Not(value));
                continue;
            }
            most = Math.Max(most, bytes);
            // Where all places are alike, the shortest value is the one that is missed most.
            if (plan.IsUniform) break;
        }
        return (predicate, machine.Costs.BytesOf(predicate) == Cost.None ? Cost.None : most);
    }

    /// <summary>Where the rest can be finished only after certain values (something asks for equal items): the one that was planned.</summary>
    private (Formula Predicate, int Bytes) Planned(Formula left, Outcome outcome)
    {
        List<PlannedMember> members = PlanAfter(left).Members();
        if (members.Count == 0) return (machine.Store.False, Cost.None);
        int item = ItemOf(members[0]);
        Formula predicate = machine.Store.And(outcome.Predicate, machine.ValueOf(item));
        int bytes = machine.Costs.BytesOf(predicate) == Cost.None ? Cost.None : PlanAfter(With(outcome.Next, item)).Bytes;
        return (predicate, bytes);
    }

    /// <summary>A plan that begins with an item, for a place where one has to come.</summary>
    public LevelPlan PlanFrom(Formula left)
    {
        Formula more = ObjectFormulas.AtEnd(left) ? machine.Store.And(left, machine.Store.Atom(new MinItems(1))) : left;
        return machine.Costs.Read(reader => machine.Search.PlanArray(more, true, reader));
    }

    private int ItemOf(PlannedMember member) => member.Item >= 0 ? member.Item : ItemOf(machine.Search.Texts.Of(member.Predicate));

    private LevelPlan PlanAfter(Formula rest) => machine.Costs.Read(reader => machine.Search.PlanArray(rest, false, reader));

    private SmallestValues ValuesOf(Formula predicate) => predicate.Values ??= new SmallestValues(machine, predicate);

    /// <summary>Collects what later places may ask of a value that the outcome does not ask already.</summary>
    /// <returns>How many items may still be needed.</returns>
    private int Rivals(Formula rest, Formula present, List<Formula> rivals)
    {
        int needed = 0;
        var asked = new HashSet<Formula>(Conjuncts(present));
        var seen = new HashSet<Formula>();
        void Add(Formula predicate)
        {
            if (!asked.IsSupersetOf(Conjuncts(predicate)) && !rivals.Contains(predicate)) rivals.Add(predicate);
        }
        void Visit(Formula formula)
        {
            if (!seen.Add(formula)) return;
            switch (formula.Atom)
            {
                case MinItems atom: needed += atom.Left; break;
                case ContainsAtom atom:
                    needed += Math.Max(1, atom.Min);
                    Add(atom.Predicate);
                    break;
                case ItemsAtom atom:
                    needed += atom.Rules.Prefix.Count - Math.Min(atom.Index, atom.Rules.Prefix.Count);
                    for (int i = Math.Min(atom.Index, atom.Rules.Prefix.Count); i <= atom.Rules.Prefix.Count; i++) Add(atom.PredicateAt(machine, i));
                    break;
                case UnevaluatedItems atom:
                    needed++;
                    Add(atom.Schema);
                    break;
            }
            foreach (Formula kid in formula.Kids) Visit(kid);
        }
        Visit(rest);
        return needed;
    }

    private static Formula[] Conjuncts(Formula predicate) => predicate.IsTrue ? [] : predicate.Kind == FormulaKind.And ? predicate.Kids : [predicate];
}
