using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Structure;

/// <summary>Which keys may come next, and to which slots they lead.</summary>
internal sealed partial class LevelStore
{
    private readonly Dictionary<(Formula Keys, NameSet Names), (ByteDfa Dfa, string Sample)> _others = [];

    // Names recur from schema to schema, and what the masks know about a name with them.
    private static readonly LeafCache<(string Name, Spelling Spelling), NameDfa> _nameDfas = LeafCache<(string Name, Spelling Spelling), NameDfa>.Shared(16, static x => x.Bytes);

    /// <summary>
    /// 1. Names that some reading mentions, if some outcome of them is alive, each to have its own slot. 2. All other keys, in classes that every
    /// reading treats alike. 3. One automaton over both.
    /// </summary>
    public KeyLeaf KeysOf(ObjectLevel level, ref KeyLeaf? place) => Build(ref place, () => MakeKeys(level));

    private KeyLeaf MakeKeys(ObjectLevel level)
    {
        NameSet mentioned = machine.Names.Empty;
        foreach ((ObjectState state, _, _) in level.Readings)
        {
            mentioned = machine.Names.Union(mentioned, ObjectFormulas.NamesIn(machine, state.Rest));
            if (state.Order.Set is { } ordered) mentioned = machine.Names.Union(mentioned, ordered);
            mentioned = machine.Names.Union(mentioned, state.Seen);
        }
        // 1.
        var slots = new List<(int Name, LiteralKey Key)>();
        PlainMembers? plain = level.Readings.Length == 1 ? PlainMembers.Of(machine, level.Readings[0].State) : null;
        foreach (int name in mentioned.Names)
        {
            if (plain is not null)
            {
                int bytes = plain.BytesOf(name);
                // The rest of the object is what it was, without this key; a comma may come to it.
                if (bytes != Cost.None) slots.Add((name, new LiteralKey(this, () => LiteralSlot(level, name), Cost.Add(bytes, level.BytesOf(0) + 2))));
                continue;
            }
            if (UpperOf(level, name) is >= 0 and int upper) slots.Add((name, new LiteralKey(this, () => LiteralSlot(level, name), upper)));
        }
        // 2. A class of all other keys needs no automaton of its own: it is the free string, and the literals take their keys out of it.
        var parts = new List<ByteDfa>();
        var classes = new List<KeyClass>();
        List<(Formula Keys, Formula?[] Next)> found = ClassesOf(level);
        bool isFree = found.Count == 1 && machine.Projector.KeysOf(found[0].Keys).IsAll;
        foreach ((Formula keys, Formula?[] next) in found)
        {
            (ByteDfa dfa, string sample) = OthersOf(isFree ? machine.Store.True : keys, mentioned);
            if (dfa.Start == ByteDfa.Dead) continue;
            Slot slot = NamedSlot(level, next, machine.Names.IdOf(sample), isAnonymous: true);
            if (slot.Outcomes.Length == 0) continue;
            parts.Add(dfa);
            classes.Add(new KeyClass(next, slot));
        }
        // 3.
        if (isFree && classes.Count > 0)
        {
            foreach (int name in mentioned.Names.Except(slots.Select(static x => x.Name)).ToArray()) slots.Add((name, new LiteralKey(null)));
        }
        var literals = new LiteralKey[slots.Count];
        var texts = new byte[slots.Count][];
        for (int i = 0; i < literals.Length; i++)
        {
            literals[i] = slots[i].Key;
            texts[i] = EncodedKey(slots[i].Name)[1..];
        }
        parts.InsertRange(0, slots.Select(x => NameDfaOf(x.Name)));
        if (parts.Count == 0) parts.Add(WordDfa.Nothing);
        machine.Meter.Add(LevelBytes + slots.Count * 160L + texts.Sum(static x => x.Length) + classes.Count * 80L);
        return new KeyLeaf(this, level, new LeafAutomaton([.. parts], isSelfDelimiting: true, machine.Meter), literals, [.. classes]) { LiteralTexts = texts };
    }

    /// <summary>
    /// Bytes of one way to go on after key <paramref name="name"/> to the end of the object, so never less than those of the best; -1 where there is none.
    /// The first that is found will do: of twenty branches that may hold the key, nineteen need not be looked at until it has come.
    /// </summary>
    private int UpperOf(ObjectLevel level, int name)
    {
        foreach ((ObjectState state, _, _) in level.Readings)
        {
            if (!state.Admits(name)) continue;
            Formula after = ObjectFormulas.AfterKey(machine, state.Rest, name);
            if (after.IsFalse) continue;
            foreach (Outcome outcome in machine.Splitter.Split(after))
            {
                int value = machine.Costs.BytesOf(outcome.Predicate);
                int rest = value == Cost.None ? Cost.None : BytesOf(state.After(machine, name, outcome.Next));
                if (rest != Cost.None) return value + rest + 1;
            }
        }
        return -1;
    }

    private Slot LiteralSlot(ObjectLevel level, int name)
    {
        var outcomes = new List<SlotOutcome>();
        foreach ((ObjectState state, int up, _) in level.Readings)
        {
            if (!state.Admits(name)) continue;
            AddOutcomes(outcomes, up, ObjectFormulas.AfterKey(machine, state.Rest, name), x => state.After(machine, name, x));
        }
        return new Slot(this, [.. outcomes], SlotOwner.Object);
    }

    /// <summary>The slot of a literal, made now.</summary>
    public Slot SlotOf(Func<Slot> make, ref Slot? place) => Build(ref place, make);

    private NameDfa NameDfaOf(int name)
    {
        (string, Spelling) key = (machine.Names.TextOf(name), machine.Options.Spelling);
        return _nameDfas.TryGet(key, out NameDfa known) ? known : _nameDfas.Add(key, new NameDfa(key.Item1, key.Item2));
    }

    /// <summary>The keys of a class without those in <paramref name="names"/>, and one of them: it stands for all, since what is left of the class after
    /// any of them is the same size. All keys need no automaton of their own.</summary>
    private (ByteDfa Dfa, string Sample) OthersOf(Formula keys, NameSet names)
    {
        if (_others.TryGetValue((keys, names), out (ByteDfa, string) known)) return known;
        ByteDfa dfa = machine.Meter.Use(machine.Projector.BodyOf(keys.IsTrue ? StringLanguage.All : Others(keys, names.Names)));
        string sample = keys.IsTrue ? FreeKey(names) : dfa.Start == ByteDfa.Dead ? "" : DecodeKey(dfa.ShortestCompletion(dfa.Start));
        return _others[(keys, names)] = (dfa, sample);
    }

    /// <summary>A shortest key that is not among <paramref name="names"/>.</summary>
    private string FreeKey(NameSet names)
    {
        for (int length = 0; ; length++)
        {
            for (char c = '#'; c < '[' && (length > 0 || c == '#'); c++)
            {
                string text = new(c, length);
                if (!names.Contains(machine.Names.IdOf(text))) return text;
            }
        }
    }

    /// <summary>The slot after a certain key of a class.</summary>
    public Slot NamedSlotOf(ObjectLevel level, KeyClass keyClass, string key)
    {
        lock (machine.Gate) return NamedSlot(level, keyClass.Next, machine.Names.IdOf(key), isAnonymous: false);
    }

    private Slot NamedSlot(ObjectLevel level, Formula?[] next, int name, bool isAnonymous)
    {
        var outcomes = new List<SlotOutcome>();
        for (int i = 0; i < level.Readings.Length; i++)
        {
            (ObjectState state, int up, _) = level.Readings[i];
            if (next[i] is null) continue;
            AddOutcomes(outcomes, up, next[i]!, x => state.After(machine, name, x));
            if (!isAnonymous) continue;
            for (int j = 0; j < outcomes.Count; j++)
            {
                if (outcomes[j].Up == up) outcomes[j] = outcomes[j] with { Next = outcomes[j].Next with { Seen = state.Seen } };
            }
        }
        return new Slot(this, [.. outcomes], SlotOwner.Object) { Sample = isAnonymous ? name : null };
    }

    /// <summary>The state after a member of <paramref name="slot"/> as the plan for the rest has to take it.</summary>
    public ObjectState PlanStateOf(Slot slot, ObjectState next)
        => slot.Sample is { } name ? next with { Seen = machine.Names.Add(next.Seen, name) } : next;

    private void AddOutcomes(List<SlotOutcome> outcomes, int up, Formula after, Func<Formula, ObjectState> stateOf)
    {
        if (after.IsFalse) return;
        foreach (Outcome outcome in machine.Splitter.Split(after))
        {
            if (machine.Costs.BytesOf(outcome.Predicate) == Cost.None) continue;
            ObjectState next = stateOf(outcome.Next);
            int bytes = BytesOf(next);
            if (bytes != Cost.None) outcomes.Add(new SlotOutcome(outcome.Predicate, next, machine.Store.True, up, bytes));
        }
    }

    private List<(Formula Keys, Formula?[] Next)> ClassesOf(ObjectLevel level)
    {
        int count = level.Readings.Length;
        var classes = new List<(Formula Keys, Formula?[] Next)> { (machine.Store.True, new Formula?[count]) };
        for (int i = 0; i < count; i++)
        {
            var split = new List<(Formula Keys, Formula?[] Next)>();
            Formula after = ObjectFormulas.AfterKey(machine, level.Readings[i].State.Rest, Machine.OtherKey);
            List<(Formula Keys, Formula Next)> mine = ObjectFormulas.SplitKeys(machine, after);
            foreach ((Formula keys, Formula?[] next) in classes)
            {
                Formula left = keys;
                foreach ((Formula myKeys, Formula myNext) in mine)
                {
                    Formula?[] joined = [.. next];
                    joined[i] = myNext;
                    AddClass(split, machine.Store.And(keys, myKeys), joined);
                    left = machine.Store.And(left, machine.Store.Not(myKeys));
                }
                AddClass(split, left, next);
            }
            classes = split;
        }
        classes.RemoveAll(static x => Array.TrueForAll(x.Next, static y => y is null));
        return classes;
    }

    private void AddClass(List<(Formula Keys, Formula?[] Next)> classes, Formula keys, Formula?[] next)
    {
        if (keys.IsFalse || machine.Projector.KeysOf(keys).IsEmpty(machine.Fuel) == Answer.Yes) return;
        classes.Add((keys, next));
    }

    /// <summary>The keys of a class without those in <paramref name="names"/>.</summary>
    private StringLanguage Others(Formula keys, IEnumerable<int> names)
    {
        StringLanguage language = machine.Projector.KeysOf(keys);
        string[] texts = [.. names.Select(machine.Names.TextOf).Distinct()];
        return texts.Length == 0 ? language : language.And(StringLanguage.Literals(texts).Not());
    }
}
