
namespace Cluster.Grammar.Structure;

/// <summary>The general search for an object's smallest completion, where the formula offers choices.</summary>
internal static class ObjectSearch
{
    private readonly record struct Way(int Bytes, PlannedMember? Last, NameSet Others);

    /// <summary>
    /// First with the keys that something requires alone: nearly always that is enough, and it spares asking what a failing value of every
    /// optional key would be. Only when that leads nowhere, with every key that can matter.
    /// </summary>
    public static LevelPlan Plan(Machine machine, ObjectState state, CostReader reader)
    {
        var relevance = new Relevance(machine, state.Rest);
        LevelPlan plan = Plan(machine, state, reader, relevance, relevance.Required, anyKey: false);
        // Not before the costs that it asked for are known: it will be asked again then.
        return plan.Bytes != Cost.None || relevance is { AnyKey: false } || reader.HasMissing ? plan
            : Plan(machine, state, reader, relevance, relevance.Names, anyKey: true);
    }

    /// <summary>
    /// 1. Decide the keys that matter one by one: absent, or present in each outcome; first those that most conditions ask for, because what a
    /// discriminator decides need not be told apart any more. 2. While something is missing that any key may supply (minProperties, say),
    /// add other keys, each time the shortest that is still free. 3. Put the members in the order in which they are written.
    /// </summary>
    private static LevelPlan Plan(
        Machine machine, ObjectState state, CostReader reader, Relevance relevance, HashSet<int> names, bool anyKey)
    {
        var layer = new Dictionary<Formula, Way> { [state.Rest] = new(0, null, machine.Names.Empty) };
        int[] written = [.. machine.Search.InPlanOrder(state, names)];
        foreach (int place in Enumerable.Range(0, written.Length).OrderByDescending(i => relevance.ConditionsOn(written[i])))
        {
            int name = written[place];
            if (!state.Admits(name))
            {
                layer = Map(layer, (next, x) => Offer(next, ObjectFormulas.WithoutKey(machine, x.Key, name), x.Value));
                continue;
            }
            byte[] key = machine.Levels.EncodedKey(name);
            layer = Map(layer, (next, x) =>
            {
                if (!anyKey && !x.Key.Requires(name))
                {
                    Offer(next, x.Key, x.Value);
                    return;
                }
                Offer(next, ObjectFormulas.WithoutKey(machine, x.Key, name), x.Value);
                AddMember(machine, state, next, x.Key, x.Value, ObjectFormulas.AfterKey(machine, x.Key, name), key, name, place, reader);
            });
        }
        var open = new PriorityQueue<(Formula Left, Way Way), (int, int)>();
        int order = 0;
        foreach ((Formula rest, Way way) in layer) open.Enqueue((rest, way), (way.Bytes, order++));
        var visited = new HashSet<Formula>();
        while (open.TryDequeue(out (Formula Left, Way Way) item, out _))
        {
            machine.Spend();
            if (!visited.Add(item.Left)) continue;
            if (ObjectFormulas.AtEnd(item.Left)) return new LevelPlan(Cost.Add(item.Way.Bytes, 1), InWrittenOrder(item.Way.Last));
            if (!anyKey) continue;
            foreach ((Formula keys, Formula after) in ObjectFormulas.SplitKeys(machine, ObjectFormulas.AfterKey(machine, item.Left, Machine.OtherKey)))
            {
                // Each further key is looked for among all but those taken: thousands of them would cost their square.
                machine.Spend(100L * (1 + item.Way.Others.Count));
                if (machine.Levels.ShortestOther(state, relevance, keys, item.Way.Others) is not { } text) continue;
                var next = new Dictionary<Formula, Way>();
                int name = machine.Names.IdOf(text);
                Way taken = item.Way with { Others = machine.Names.Add(item.Way.Others, name) };
                AddMember(machine, state, next, item.Left, taken, after, JsonText.Encode(text), name, int.MaxValue, reader);
                foreach ((Formula rest, Way way) in next) open.Enqueue((rest, way), (way.Bytes, order++));
            }
        }
        return new LevelPlan(Cost.None, null);
    }

    private static void AddMember(
        Machine machine, ObjectState state, Dictionary<Formula, Way> next, Formula before, Way way, Formula after, byte[] key, int name,
        int place, CostReader reader)
    {
        bool needsComma = !state.IsFirst || way.Last is not null;
        foreach (Outcome outcome in machine.Splitter.Split(after, reader))
        {
            int bytes = Cost.Add(way.Bytes, Cost.Add((needsComma ? 2 : 1) + key.Length, reader.BytesOf(outcome.Predicate)));
            if (bytes == Cost.None || outcome.Next == before) continue;
            Offer(next, outcome.Next, way with { Bytes = bytes, Last = new PlannedMember(way.Last, key, outcome.Predicate) { Place = place, Name = name } });
        }
    }

    private static PlannedMember? InWrittenOrder(PlannedMember? last)
    {
        var members = new List<PlannedMember>();
        for (PlannedMember? member = last; member is not null; member = member.Before) members.Insert(0, member);
        PlannedMember? sorted = null;
        foreach (PlannedMember member in members.OrderBy(static x => x.Place)) sorted = member with { Before = sorted };
        return sorted;
    }

    private static Dictionary<Formula, Way> Map(
        Dictionary<Formula, Way> layer, Action<Dictionary<Formula, Way>, KeyValuePair<Formula, Way>> step)
    {
        var next = new Dictionary<Formula, Way>();
        foreach (KeyValuePair<Formula, Way> entry in layer) step(next, entry);
        return next;
    }

    private static void Offer(Dictionary<Formula, Way> layer, Formula rest, Way way)
    {
        if (rest.IsFalse) return;
        if (!layer.TryGetValue(rest, out Way known) || way.Bytes < known.Bytes) layer[rest] = way;
    }

    /// <summary>Which keys can make a formula truer by being present: all others are left out of the search.</summary>
    internal sealed class Relevance
    {
        public Relevance(Machine machine, Formula formula)
        {
            Mentioned = [.. ObjectFormulas.NamesIn(machine, formula).Names];
            Names = [];
            Visit(machine, formula, Splitter.Polarity.Positive, []);
            Required = Names;
            if (AnyKey) Names = Mentioned;
        }

        /// <summary>Names that some part of the formula requires.</summary>
        public HashSet<int> Required { get; }

        /// <summary>Names worth deciding.</summary>
        public HashSet<int> Names { get; private set; }

        /// <summary>Names that are not "other" keys.</summary>
        public HashSet<int> Mentioned { get; }

        /// <summary>A member of any key can help: counts, or a failing member where failure is wanted.</summary>
        public bool AnyKey { get; private set; }

        private readonly Dictionary<int, int> _conditions = [];

        /// <summary>How many keyword groups whose failure can help say something about a key.</summary>
        public int ConditionsOn(int name) => _conditions.GetValueOrDefault(name);

        private void Visit(Machine machine, Formula formula, Splitter.Polarity polarity, HashSet<(Formula, Splitter.Polarity)> seen)
        {
            if (!seen.Add((formula, polarity))) return;
            bool isPositive = polarity != Splitter.Polarity.Negative, isNegative = polarity != Splitter.Polarity.Positive;
            switch (formula.Atom)
            {
                case HasAll has: Names.UnionWith(has.Names.Names); break;
                case MinMembers: AnyKey |= isPositive; break;
                case MembersAtom or KeysAtom or MaxMembers or UnevaluatedMembers: AnyKey |= isNegative; break;
            }
            if (isNegative && formula.Atom is MembersAtom condition)
            {
                var asked = new HashSet<int>();
                condition.CollectNames(machine, asked);
                foreach (int name in asked) _conditions[name] = ConditionsOn(name) + 1;
            }
            Splitter.Polarity below = formula.Kind switch
            {
                FormulaKind.Not when polarity != Splitter.Polarity.Both => polarity ^ Splitter.Polarity.Both,
                FormulaKind.ExactlyOne => Splitter.Polarity.Both,
                _ => polarity,
            };
            foreach (Formula kid in formula.Kids) Visit(machine, kid, below, seen);
        }
    }
}
