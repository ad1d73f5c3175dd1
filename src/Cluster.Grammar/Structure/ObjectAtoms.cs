using Cluster.Grammar.Automata;
using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>A schema as a predicate on a value of any kind, read when the kind is known.</summary>
internal sealed record SchemaAtom(SchemaNode Node, DynamicScope Scope) : Atom;

/// <summary>What one keyword group still demands of the rest of an object.</summary>
internal abstract record ObjectAtom : Atom
{
    /// <summary>The verdict if the object ended here.</summary>
    public abstract bool AtEnd { get; }

    /// <summary>
    /// What is left of <paramref name="self"/> after a member of key <paramref name="name"/>, with questions about its value; for
    /// <see cref="Machine.OtherKey"/>, a key that no formula of the level mentions, with questions about the key too.
    /// </summary>
    public abstract Formula After(Machine machine, Formula self, int name);

    /// <summary>Adds the names that it treats apart from all others.</summary>
    public virtual void CollectNames(Machine machine, HashSet<int> names) { }
}

/// <summary>All of <paramref name="Names"/> are still to come.</summary>
internal sealed record HasAll(NameSet Names) : ObjectAtom
{
    public override bool AtEnd => false;

    public override Formula After(Machine machine, Formula self, int name)
    {
        if (name < 0 || !Names.Contains(name)) return self;
        return Names.Count == 1 ? machine.Store.True : machine.Store.Atom(new HasAll(machine.Names.Remove(Names, name)));
    }

    public override void CollectNames(Machine machine, HashSet<int> names) => names.UnionWith(Names.Names);
}

/// <summary>properties, patternProperties and additionalProperties of one schema: every member satisfies what its key calls for.</summary>
/// <param name="Over">Keys of a short list of properties that cannot come any more. With the last of them the whole is decided: the condition
/// of an <c>if</c> on a discriminator has its verdict as soon as that is read.</param>
internal sealed record MembersAtom(MemberRules Rules, DynamicScope Scope, NameSet? Over = null) : ObjectAtom
{
    // Longer lists are not counted down: most of them end with their object, and each subset would be an atom of its own.
    private const int ShortMax = 4;

    public override bool AtEnd => true;

    private bool IsShort => Rules.Patterns.Count == 0 && Rules.Additional is null && Rules.Properties.Count <= ShortMax;

    public override Formula After(Machine machine, Formula self, int name)
        => name >= 0
            ? machine.Store.And(Without(machine, self, name), machine.Store.Question(PredicateOf(machine, name)))
            : machine.Store.And(self, OfOther(machine));

    /// <summary>What is left when no member of key <paramref name="name"/> can come any more.</summary>
    public Formula Without(Machine machine, Formula self, int name)
    {
        if (!IsShort || !Rules.ByKey.ContainsKey(machine.Names.TextOf(name))) return self;
        NameSet over = machine.Names.Add(Over ?? machine.Names.Empty, name);
        return over.Count == Rules.ByKey.Count ? machine.Store.True : machine.Store.Atom(this with { Over = over });
    }

    public override void CollectNames(Machine machine, HashSet<int> names)
    {
        foreach ((string key, _) in Rules.Properties) names.Add(machine.Names.IdOf(key));
    }

    /// <summary>What the value of key <paramref name="name"/> has to satisfy.</summary>
    public Formula PredicateOf(Machine machine, int name)
    {
        if (machine.MemberPredicates.TryGetValue((Rules, Scope, name), out Formula? known)) return known;
        string key = machine.Names.TextOf(name);
        Formula result = machine.Store.True;
        bool isDeclared = Rules.ByKey.TryGetValue(key, out SchemaNode? declared);
        if (isDeclared) result = machine.SchemaOf(declared!, Scope);
        bool isMatched = isDeclared;
        foreach ((StringLanguage pattern, SchemaNode schema) in Rules.Patterns)
        {
            if (!pattern.Contains(key)) continue;
            isMatched = true;
            result = machine.Store.And(result, machine.SchemaOf(schema, Scope));
        }
        if (!isMatched && Rules.Additional is not null) result = machine.SchemaOf(Rules.Additional, Scope);
        return machine.MemberPredicates[(Rules, Scope, name)] = result;
    }

    private Formula OfOther(Machine machine)
    {
        FormulaStore store = machine.Store;
        Formula result = store.True;
        Formula matched = store.False;
        foreach ((StringLanguage pattern, SchemaNode schema) in Rules.Patterns)
        {
            Formula matches = store.Atom(new KeyQuestion(pattern));
            matched = store.Or(matched, matches);
            result = store.And(result, store.Or(store.Not(matches), store.Question(machine.SchemaOf(schema, Scope))));
        }
        return Rules.Additional is null
            ? result
            : store.And(result, store.Or(matched, store.Question(machine.SchemaOf(Rules.Additional, Scope))));
    }
}

/// <summary>propertyNames: every key is in <paramref name="Language"/>.</summary>
internal sealed record KeysAtom(StringLanguage Language) : ObjectAtom
{
    public override bool AtEnd => true;

    public override Formula After(Machine machine, Formula self, int name)
        => name >= 0
            ? machine.Store.And(self, machine.Store.Constant(Language.Contains(machine.Names.TextOf(name))))
            : machine.Store.And(self, machine.Store.Atom(new KeyQuestion(Language)));
}

/// <summary>minProperties: at least <paramref name="Left"/> members are still to come.</summary>
internal sealed record MinMembers(int Left) : ObjectAtom
{
    public override bool AtEnd => false;

    public override Formula After(Machine machine, Formula self, int name)
        => Left == 1 ? machine.Store.True : machine.Store.Atom(new MinMembers(Left - 1));
}

/// <summary>maxProperties: at most <paramref name="Left"/> members may still come.</summary>
internal sealed record MaxMembers(int Left) : ObjectAtom
{
    public override bool AtEnd => true;

    public override Formula After(Machine machine, Formula self, int name)
        => Left == 0 ? machine.Store.False : machine.Store.Atom(new MaxMembers(Left - 1));
}
