using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>
/// Finds the branches that evaluate properties or items of a level for an unevaluated* keyword: everything that applies in place, except
/// under <c>not</c>. A branch that always has to hold counts as successful; the others count under their own formula.
/// </summary>
internal sealed class EvaluationReader(Machine machine)
{
    private readonly List<(Formula Success, object Source)> _found = [];
    private ValueKind _kind;

    private FormulaStore Store => machine.Store;

    /// <summary>The formula of <paramref name="node"/>'s unevaluatedProperties.</summary>
    public Formula Members(SchemaNode node, DynamicScope scope)
    {
        _kind = ValueKind.Object;
        Visit(node, scope, Store.True, isRoot: true);
        return Store.Tracking(
            new UnevaluatedMembers(machine.SchemaOf(node.UnevaluatedProperties!, scope), [.. _found.Select(static x => (MemberSource)x.Source)]),
            [.. _found.Select(static x => x.Success)]);
    }

    /// <summary>The formula of <paramref name="node"/>'s unevaluatedItems.</summary>
    public Formula Items(SchemaNode node, DynamicScope scope)
    {
        _kind = ValueKind.Array;
        Visit(node, scope, Store.True, isRoot: true);
        if (_found.Count == 0) _found.Add((Store.False, new ItemSource(0, false, null)));
        return Store.Tracking(
            new UnevaluatedItems(machine.SchemaOf(node.UnevaluatedItems!, scope), [.. _found.Select(static x => (ItemSource)x.Source)], 0),
            [.. _found.Select(static x => x.Success)]);
    }

    /// <param name="success">When what <paramref name="node"/> evaluates counts; its own success is part of that already.</param>
    private void Visit(SchemaNode node, DynamicScope scope, Formula success, bool isRoot = false)
    {
        scope = scope.Enter(node.Resource);
        AddOwn(node, scope, success, isRoot);
        void Always(SchemaNode kid) => Visit(kid, scope, success);
        Formula Of(SchemaNode kid) => machine.Projector.Project(machine.SchemaOf(kid, scope), _kind);
        void Perhaps(SchemaNode kid) => Visit(kid, scope, Store.And(success, Of(kid)));
        if (node.Reference is not null) Always(node.Reference);
        if (node.DynamicReference is { } dynamic)
        {
            Always(dynamic.Anchor is { } anchor && scope.Find(anchor) is { } outer ? outer : dynamic.Initial);
        }
        Array.ForEach(node.AllOf, Always);
        Array.ForEach(node.AnyOf, Perhaps);
        Array.ForEach(node.OneOf, Perhaps);
        if (node.If is not null)
        {
            Formula condition = Of(node.If);
            Perhaps(node.If);
            if (node.Then is not null) Visit(node.Then, scope, Store.And(success, condition));
            if (node.Else is not null) Visit(node.Else, scope, Store.And(success, Store.Not(condition)));
        }
        if (_kind != ValueKind.Object) return;
        foreach ((string key, SchemaNode kid) in node.DependentSchemas)
        {
            Formula present = Store.Atom(new HasAll(machine.Names.Set([machine.Names.IdOf(key)])));
            Visit(kid, scope, Store.And(success, present));
        }
    }

    private void AddOwn(SchemaNode node, DynamicScope scope, Formula success, bool isRoot)
    {
        if (node.IsFalse || success.IsFalse) return;
        if (_kind == ValueKind.Object)
        {
            if (node.Members is not null) _found.Add((success, new MemberSource(node.Members)));
            if (!isRoot && node.UnevaluatedProperties is not null) _found.Add((success, new MemberSource(null)));
            return;
        }
        if (node.Items is { } items) _found.Add((success, new ItemSource(items.Prefix.Count, items.Rest is not null, null)));
        if (!isRoot && node.UnevaluatedItems is not null) _found.Add((success, new ItemSource(0, true, null)));
        if (node.Contains is not null && node.ContainsEvaluates)
        {
            _found.Add((success, new ItemSource(0, false, machine.SchemaOf(node.Contains, scope))));
        }
    }
}
