using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>What one keyword group still demands of the rest of an array.</summary>
internal abstract record ArrayAtom : Atom
{
    /// <summary>The verdict if the array ended here.</summary>
    public abstract bool AtEnd { get; }

    /// <summary>What is left of <paramref name="self"/> after one more item, with questions about the item.</summary>
    public abstract Formula After(Machine machine, Formula self);
}

/// <summary>prefixItems and items, <paramref name="Index"/> items in (never more than the prefix is long).</summary>
internal sealed record ItemsAtom(ItemRules Rules, DynamicScope Scope, int Index) : ArrayAtom
{
    public override bool AtEnd => true;

    public override Formula After(Machine machine, Formula self)
        => machine.Store.And(machine.Store.Question(PredicateAt(machine, Index)), Next(machine, self));

    /// <summary>What item number <paramref name="index"/> has to satisfy.</summary>
    public Formula PredicateAt(Machine machine, int index)
    {
        SchemaNode? schema = index < Rules.Prefix.Count ? Rules.Prefix[index] : Rules.Rest;
        return schema is null ? machine.Store.True : machine.SchemaOf(schema, Scope);
    }

    private Formula Next(Machine machine, Formula self)
    {
        if (Index >= Rules.Prefix.Count) return self;
        return Index + 1 == Rules.Prefix.Count && Rules.Rest is null
            ? machine.Store.True
            : machine.Store.Atom(this with { Index = Index + 1 });
    }
}

/// <summary>minItems: at least <paramref name="Left"/> items are still to come. A counter, so its size costs nothing.</summary>
internal sealed record MinItems(int Left) : ArrayAtom
{
    public override bool AtEnd => false;

    public override Formula After(Machine machine, Formula self)
        => Left == 1 ? machine.Store.True : machine.Store.Atom(new MinItems(Left - 1));
}

/// <summary>maxItems: at most <paramref name="Left"/> items may still come.</summary>
internal sealed record MaxItems(int Left) : ArrayAtom
{
    public override bool AtEnd => true;

    public override Formula After(Machine machine, Formula self)
        => Left == 0 ? machine.Store.False : machine.Store.Atom(new MaxItems(Left - 1));
}

/// <summary>contains: between <paramref name="Min"/> and <paramref name="Max"/> (null: any number) of the items to come match.</summary>
internal sealed record ContainsAtom(Formula Predicate, int Min, int? Max) : ArrayAtom
{
    public override bool AtEnd => Min == 0;

    public override Formula After(Machine machine, Formula self)
    {
        FormulaStore store = machine.Store;
        Formula question = store.Question(Predicate);
        Formula matched = Max == 0 ? store.False : Make(machine, Predicate, Math.Max(0, Min - 1), Max - 1);
        return store.Or(store.And(question, matched), store.And(store.Not(question), self));
    }

    public static Formula Make(Machine machine, Formula predicate, int min, int? max)
        => max < min ? machine.Store.False
            : min == 0 && max is null ? machine.Store.True
            : predicate.IsFalse ? min == 0 ? machine.Store.True : machine.Store.False
            : predicate.IsTrue ? Counts(machine, min, max)
            : machine.Store.Atom(new ContainsAtom(predicate, min, max));

    private static Formula Counts(Machine machine, int min, int? max)
        => machine.Store.And(
            min == 0 ? machine.Store.True : machine.Store.Atom(new MinItems(min)),
            max is { } most ? machine.Store.Atom(new MaxItems(most)) : machine.Store.True);
}

/// <summary>uniqueItems: no item equals one of <paramref name="Seen"/>, nor another.</summary>
/// <remarks>The items themselves become known when they end; <see cref="LevelStore.WithItem"/> adds them then.</remarks>
internal sealed record UniqueAtom(NameSet Seen) : ArrayAtom
{
    public override bool AtEnd => true;

    public override Formula After(Machine machine, Formula self)
        => machine.Store.And(Seen.Names.Select(x => machine.Store.Not(machine.Store.Question(machine.ValueOf(x)))).Append(self));
}
