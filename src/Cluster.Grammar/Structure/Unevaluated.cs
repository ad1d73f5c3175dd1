using System.Collections.Immutable;
using Cluster.Grammar.Automata;
using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>
/// What a level still has to know about evaluation: which branches may evaluate what. Whether a branch succeeds shows only at the level's
/// end, so each branch's own formula is carried along as a kid, and every member or item leaves the demand "the unevaluated schema holds,
/// or one of the branches that evaluate this one succeeds".
/// </summary>
internal abstract record TrackingAtom : Atom
{
    /// <summary>Branch <paramref name="i"/> evaluates whatever comes.</summary>
    public abstract bool EvaluatesAll(int i);
}

/// <summary>A branch that evaluates properties: by its own keyword group, or (null) all of them.</summary>
internal sealed record MemberSource(MemberRules? Rules);

/// <summary>unevaluatedProperties.</summary>
internal sealed record UnevaluatedMembers(Formula Schema, ImmutableArray<MemberSource> Sources) : TrackingAtom
{
    public override bool EvaluatesAll(int i) => Sources[i].Rules is null or { Additional: not null };

    public Formula After(Machine machine, Formula[] kids, int name)
    {
        FormulaStore store = machine.Store;
        Formula evaluated = store.Question(Schema);
        for (int i = 0; i < kids.Length; i++)
        {
            evaluated = store.Or(evaluated, store.And(kids[i], Evaluates(machine, Sources[i], name)));
        }
        return store.And(store.Tracking(this, kids), evaluated);
    }

    public void CollectNames(Machine machine, HashSet<int> names)
    {
        foreach (MemberSource source in Sources)
        {
            foreach ((string key, _) in source.Rules?.Properties ?? []) names.Add(machine.Names.IdOf(key));
        }
    }

    private static Formula Evaluates(Machine machine, MemberSource source, int name)
    {
        FormulaStore store = machine.Store;
        if (source.Rules is not { Additional: null } rules) return store.True;
        if (name == Machine.OtherKey) return store.Or(rules.Patterns.Select(x => store.Atom(new KeyQuestion(x.Pattern))));
        string key = machine.Names.TextOf(name);
        return store.Constant(rules.ByKey.ContainsKey(key) || rules.Patterns.Exists(x => x.Pattern.Contains(key)));
    }
}

/// <summary>A branch that evaluates items: the first <paramref name="Prefix"/> of them, all, or those that match <paramref name="Contains"/>.</summary>
internal sealed record ItemSource(int Prefix, bool All, Formula? Contains);

/// <summary>unevaluatedItems, <paramref name="Index"/> items in (never more than any prefix is long).</summary>
internal sealed record UnevaluatedItems(Formula Schema, ImmutableArray<ItemSource> Sources, int Index) : TrackingAtom
{
    public override bool EvaluatesAll(int i) => Sources[i].All;

    public Formula After(Machine machine, Formula[] kids)
    {
        FormulaStore store = machine.Store;
        Formula evaluated = store.Question(Schema);
        for (int i = 0; i < kids.Length; i++)
        {
            ItemSource source = Sources[i];
            Formula evaluates = source.All || Index < source.Prefix ? store.True
                : source.Contains is null ? store.False : store.Question(source.Contains);
            evaluated = store.Or(evaluated, store.And(kids[i], evaluates));
        }
        int next = Math.Min(Index + 1, Sources.Max(static x => x.Prefix));
        return store.And(store.Tracking(next == Index ? this : this with { Index = next }, kids), evaluated);
    }
}
