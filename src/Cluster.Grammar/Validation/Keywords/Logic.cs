namespace Cluster.Grammar.Validation.Keywords;

/// <summary><c>allOf</c>, and <c>$ref</c>, which is an allOf of one.</summary>
internal sealed class AllOf(string name, string at, SchemaNode[] schemas) : Keyword(name, at)
{
    public override bool Holds(JsonValue value, Evaluation run, Evaluated? seen)
    {
        foreach (var schema in schemas)
        {
            if (!run.Holds(schema, value, seen)) return false;
        }
        return true;
    }
}

internal sealed class AnyOf(string at, SchemaNode[] schemas) : Keyword("anyOf", at)
{
    public override bool Holds(JsonValue value, Evaluation run, Evaluated? seen)
    {
        bool holds = false;
        foreach (var schema in schemas)
        {
            holds |= run.Holds(schema, value, seen);
            // Every branch that succeeds contributes to what is evaluated.
            if (holds && seen is null) return true;
        }
        return holds || run.Fail(this, value);
    }
}

internal sealed class OneOf(string at, SchemaNode[] schemas) : Keyword("oneOf", at)
{
    public override bool Holds(JsonValue value, Evaluation run, Evaluated? seen)
    {
        int count = 0;
        foreach (var schema in schemas)
        {
            if (run.Holds(schema, value, seen) && ++count > 1) return run.Fail(this, value);
        }
        return count == 1 || run.Fail(this, value);
    }
}

internal sealed class Not(string at, SchemaNode schema) : Keyword("not", at)
{
    public override bool Holds(JsonValue value, Evaluation run, Evaluated? seen) => !run.Holds(schema, value, into: null) || run.Fail(this, value);
}

internal sealed class IfThenElse(string at, SchemaNode condition, SchemaNode? then, SchemaNode? otherwise) : Keyword("if", at)
{
    public override bool Holds(JsonValue value, Evaluation run, Evaluated? seen)
    {
        var branch = run.Holds(condition, value, seen) ? then : otherwise;
        return branch is null || run.Holds(branch, value, seen);
    }
}

/// <summary>
/// <c>$dynamicRef</c>: where the plain target is a dynamic anchor, the outermost resource entered so far that has an anchor of that
/// name wins.
/// </summary>
internal sealed class DynamicRef(string at, SchemaNode plain, string? anchor, Func<JsonValue, SchemaNode> nodeOf) : Keyword("$dynamicRef", at)
{
    public override bool Holds(JsonValue value, Evaluation run, Evaluated? seen)
    {
        var target = plain;
        for (var scope = anchor is null ? null : run.Current; scope is not null; scope = scope.Outer)
        {
            if (scope.Resource.DynamicAnchors.TryGetValue(anchor!, out var schema)) target = nodeOf(schema);
        }
        return run.Holds(target, value, seen);
    }
}

/// <summary><c>$recursiveRef</c> of 2019-09: the outermost recursive anchor, if the plain target is one.</summary>
internal sealed class RecursiveRef(string at, SchemaNode plain, bool isDynamic, Func<JsonValue, SchemaNode> nodeOf) : Keyword("$recursiveRef", at)
{
    public override bool Holds(JsonValue value, Evaluation run, Evaluated? seen)
    {
        var target = plain;
        for (var scope = isDynamic ? run.Current : null; scope is not null; scope = scope.Outer)
        {
            if (scope.Resource.IsRecursiveAnchor) target = nodeOf(scope.Resource.Root);
        }
        return run.Holds(target, value, seen);
    }
}
