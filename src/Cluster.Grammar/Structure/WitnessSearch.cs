using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Structure;

/// <summary>One member of a plan: its key (encoded, with quotes; null in arrays) and the predicate whose smallest value it holds.</summary>
internal sealed record PlannedMember(PlannedMember? Before, byte[]? Key, Formula Predicate)
{
    /// <summary>Where it is written among the members of its plan.</summary>
    public int Place { get; init; }

    /// <summary>Its key as a name; -1 in arrays.</summary>
    public int Name { get; init; } = -1;

    /// <summary>The value, by name, where the plan depends on which it is; else -1.</summary>
    public int Item { get; init; } = -1;
}

/// <summary>A smallest way to finish an object or an array.</summary>
/// <param name="Bytes">Bytes to its closing bracket, included; <see cref="Cost.None"/> if it cannot be finished.</param>
/// <param name="Last">Its members, last first.</param>
internal readonly record struct LevelPlan(int Bytes, PlannedMember? Last)
{
    /// <summary>The members' places are all alike, and their values the smallest that differ.</summary>
    public bool IsUniform { get; init; }

    /// <summary>Its members, first first.</summary>
    public List<PlannedMember> Members()
    {
        var members = new List<PlannedMember>();
        for (PlannedMember? member = Last; member is not null; member = member.Before) members.Add(member);
        members.Reverse();
        return members;
    }

    /// <summary>Whether some member has a key of <paramref name="names"/>.</summary>
    public bool NeedsAny(NameSet names)
    {
        for (PlannedMember? member = Last; member is not null; member = member.Before)
        {
            if (names.Contains(member.Name)) return true;
        }
        return false;
    }
}

/// <summary>
/// Finds smallest completions of objects and arrays. Members are considered in one fixed order (what an object satisfies does not
/// depend on it), each skipped or taken in each of its outcomes; equal formulas are merged and the cheaper way kept, so that the work
/// grows with the number of distinct residuals and not with that of subsets.
/// </summary>
internal sealed class WitnessSearch(Machine machine)
{
    private readonly Dictionary<ObjectState, LevelPlan> _objects = [];
    private readonly Dictionary<(Formula, bool), LevelPlan> _arrays = [];

    /// <summary>Plans kept.</summary>
    public int Count => _objects.Count + _arrays.Count;

    public UniqueItems Unique { get; } = new(machine);

    public ValueText Texts { get; } = new(machine);

    public int ObjectBytes(ObjectState state, CostReader reader) => PlanObject(state, reader).Bytes;

    /// <summary>A figure that is known already.</summary>
    public bool TryObjectBytes(ObjectState state, out int bytes)
    {
        bytes = state.Rest.IsFalse ? Cost.None : 1;
        if (state.Rest.Kind is FormulaKind.True or FormulaKind.False) return true;
        if (!_objects.TryGetValue(state, out LevelPlan plan)
            && (state.Seen.Count == 0 || !_objects.TryGetValue(state with { Seen = machine.Names.Empty }, out plan)
                || plan.Bytes != Cost.None && plan.NeedsAny(state.Seen))) return false;
        bytes = plan.Bytes;
        return true;
    }

    public int ArrayBytes(Formula rest, bool isFirst, CostReader reader) => PlanArray(rest, isFirst, reader).Bytes;

    public LevelPlan PlanObject(ObjectState state, CostReader reader)
    {
        if (state.Rest.IsFalse) return new LevelPlan(Cost.None, null);
        if (state.Rest.IsTrue) return new LevelPlan(1, null);
        if (_objects.TryGetValue(state, out LevelPlan known)) return known;
        machine.Spend();
        // Keys that are taken only narrow the choice: a plan that has no need of them is the best one still.
        if (state.Seen.Count > 0)
        {
            LevelPlan free = PlanObject(state with { Seen = machine.Names.Empty }, reader);
            if (free.Bytes == Cost.None || !free.NeedsAny(state.Seen)) return free;
        }
        // What was consulted before does not matter here, but a plan is kept only if all that it consulted is final.
        bool outer = reader.Begin();
        LevelPlan plan = PlainObject(state, reader) ?? ObjectSearch.Plan(machine, state, reader);
        if (reader.End(outer)) _objects[state] = plan;
        return plan;
    }

    public LevelPlan PlanArray(Formula rest, bool isFirst, CostReader reader)
    {
        if (rest.IsFalse) return new LevelPlan(Cost.None, null);
        if (ObjectFormulas.AtEnd(rest)) return new LevelPlan(1, null);
        if (_arrays.TryGetValue((rest, isFirst), out LevelPlan known)) return known;
        machine.Spend();
        if (rest.HasUnique && Unique.WithFewerSeen(rest, isFirst, reader) is { } other) return other;
        bool outer = reader.Begin();
        LevelPlan plan = (rest.HasUnique ? Unique.Plain(rest, isFirst, reader) : PlainArray(rest, isFirst, reader))
            ?? (CannotContain(rest, reader) ? new LevelPlan(Cost.None, null) : SearchArray(rest, isFirst, reader));
        if (!reader.End(outer)) return plan;
        return _arrays[(rest, isFirst)] = rest.HasUnique ? Unique.WithItems(plan) : plan;
    }

    /// <summary>A conjunction without choices: take exactly the required members. Null when the formula is more than that.</summary>
    private LevelPlan? PlainObject(ObjectState state, CostReader reader)
    {
        Formula[] kids = state.Rest.Kind == FormulaKind.And ? state.Rest.Kids : [state.Rest];
        NameSet? required = null;
        int min = 0, max = int.MaxValue;
        foreach (Formula kid in kids)
        {
            switch (kid.Atom)
            {
                case HasAll has:
                    required = required is null ? has.Names : machine.Names.Set(required.Names.Concat(has.Names.Names));
                    break;
                case MinMembers atom: min = Math.Max(min, atom.Left); break;
                case MaxMembers atom: max = Math.Min(max, atom.Left); break;
                case MembersAtom or KeysAtom: break;
                default: return null;
            }
        }
        int count = required?.Count ?? 0;
        if (count > max) return new LevelPlan(Cost.None, null);
        if (count < min) return null;
        int bytes = 1;
        PlannedMember? last = null;
        bool needsComma = !state.IsFirst;
        foreach (int name in InPlanOrder(state, required?.Names ?? []))
        {
            if (!state.Admits(name)) return new LevelPlan(Cost.None, null);
            Formula predicate = machine.Store.True;
            foreach (Formula kid in kids)
            {
                if (kid.Atom is MembersAtom members) predicate = machine.Store.And(predicate, members.PredicateOf(machine, name));
                if (kid.Atom is KeysAtom keys && !keys.Language.Contains(machine.Names.TextOf(name))) return new LevelPlan(Cost.None, null);
            }
            byte[] key = machine.Levels.EncodedKey(name);
            bytes = Cost.Add(bytes, Cost.Add((needsComma ? 2 : 1) + key.Length, reader.BytesOf(predicate)));
            last = new PlannedMember(last, key, predicate) { Name = name };
            needsComma = true;
        }
        return new LevelPlan(bytes, last);
    }

    /// <summary>Keys with a place by place, then the others by text: an order that does not depend on what was read before.</summary>
    public IEnumerable<int> InPlanOrder(ObjectState state, IEnumerable<int> names)
        => names.OrderBy(x => state.Order.RankOf(x) is >= 0 and int rank ? rank : int.MaxValue)
            .ThenBy(machine.Names.TextOf, StringComparer.Ordinal);

    private LevelPlan? PlainArray(Formula rest, bool isFirst, CostReader reader)
    {
        Formula[] kids = rest.Kind == FormulaKind.And ? rest.Kids : [rest];
        var groups = new List<ItemsAtom>();
        ContainsAtom? contains = null;
        int min = 0, max = int.MaxValue;
        foreach (Formula kid in kids)
        {
            switch (kid.Atom)
            {
                case MinItems atom: min = Math.Max(min, atom.Left); break;
                case MaxItems atom: max = Math.Min(max, atom.Left); break;
                case ItemsAtom atom: groups.Add(atom); break;
                case ContainsAtom atom when atom.Min > 1 && contains is null: contains = atom; break;
                default: return null;
            }
        }
        if (contains is not null)
        {
            // As many items as have to match, and all of them do: a count in the thousands is not searched one item at a time.
            if (min > contains.Min || groups.Exists(static x => x.Index < x.Rules.Prefix.Count)) return null;
            min = contains.Min;
        }
        if (min > max) return new LevelPlan(Cost.None, null);
        int singles = Math.Min(min, groups.Count == 0 ? 0 : groups.Max(static x => x.Rules.Prefix.Count - x.Index));
        int bytes = 1 + min - (isFirst && min > 0 ? 1 : 0);
        PlannedMember? last = null;
        for (int i = 0; i <= singles; i++)
        {
            int times = i < singles ? 1 : min - singles;
            if (times == 0) break;
            Formula predicate = machine.Store.And(groups.Select(x => x.PredicateAt(machine, x.Index + i)).Append(contains?.Predicate ?? machine.Store.True));
            bytes = Cost.Add(bytes, Cost.Times(times, reader.BytesOf(predicate)));
            if (bytes == Cost.None) return new LevelPlan(Cost.None, null);
            for (int j = 0; j < times; j++) last = new PlannedMember(last, null, predicate);
        }
        return new LevelPlan(bytes, last);
    }

    /// <summary>Some item has to match what no item may be. Where all items have to differ, a search that adds one after the other would never know.</summary>
    private bool CannotContain(Formula rest, CostReader reader)
    {
        Formula[] kids = rest.Kind == FormulaKind.And ? rest.Kids : [rest];
        Formula each = machine.Store.True;
        foreach (Formula kid in kids)
        {
            if (kid.Atom is not ItemsAtom items) continue;
            if (items.Index < items.Rules.Prefix.Count) return false;
            each = machine.Store.And(each, items.PredicateAt(machine, items.Index));
        }
        return Array.Exists(kids, kid => kid.Atom is ContainsAtom { Min: > 0 } contains && reader.IsImpossible(machine.Store.And(each, contains.Predicate)));
    }

    private LevelPlan SearchArray(Formula rest, bool isFirst, CostReader reader)
    {
        var open = new PriorityQueue<(Formula Left, PlannedMember? Last), (int Bytes, int Order)>();
        var visited = new HashSet<(Formula, bool)>();
        int order = 0;
        open.Enqueue((rest, null), (0, order++));
        while (open.TryDequeue(out (Formula Left, PlannedMember? Last) item, out (int Bytes, int Order) at))
        {
            machine.Spend();
            bool needsComma = !isFirst || item.Last is not null;
            if (!visited.Add((item.Left, needsComma))) continue;
            if (ObjectFormulas.AtEnd(item.Left)) return new LevelPlan(Cost.Add(at.Bytes, 1), item.Last);
            foreach (Outcome outcome in machine.Splitter.Split(ArrayFormulas.AfterItem(machine, item.Left), reader))
            {
                int before = Cost.Add(at.Bytes, needsComma ? 1 : 0);
                if (!outcome.Next.HasUnique || ObjectFormulas.AtEnd(outcome.Next))
                {
                    int bytes = Cost.Add(before, reader.BytesOf(outcome.Predicate));
                    if (bytes != Cost.None) open.Enqueue((outcome.Next, new PlannedMember(item.Last, null, outcome.Predicate)), (bytes, order++));
                    continue;
                }
                foreach (KnownValue value in Unique.Candidates(outcome, reader))
                {
                    int bytes = Cost.Add(before, value.Bytes);
                    if (bytes == Cost.None) break;
                    var member = new PlannedMember(item.Last, null, value.Predicate) { Item = value.Item };
                    open.Enqueue((Unique.With(outcome.Next, value.Item), member), (bytes, order++));
                }
            }
        }
        return new LevelPlan(Cost.None, null);
    }
}

/// <summary>Formula-level operations on arrays.</summary>
internal static class ArrayFormulas
{
    /// <summary>The formula after one more item, with questions about it.</summary>
    public static Formula AfterItem(Machine machine, Formula formula)
    {
        machine.Spend();
        return machine.Store.Rewrite(formula, atom => atom.Atom is ArrayAtom residual ? residual.After(machine, atom) : atom,
            (atom, kids) => ((UnevaluatedItems)atom).After(machine, kids));
    }
}
