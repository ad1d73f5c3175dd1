using Cluster.Grammar.Validation.Patterns;

namespace Cluster.Grammar.Validation.Keywords;

/// <summary><c>properties</c>, <c>patternProperties</c> and <c>additionalProperties</c> of one schema: which applies depends on the others.</summary>
internal sealed class MemberSchemas(
    string at, Dictionary<string, SchemaNode> named, (Pattern Pattern, SchemaNode Schema)[] patterned, SchemaNode? additional)
    : Keyword("properties", at)
{
    public override bool Holds(JsonValue value, Evaluation run, Evaluated? seen)
    {
        foreach (var (name, member) in value.Members)
        {
            bool isCovered = false;
            if (named.TryGetValue(name, out var schema))
            {
                isCovered = true;
                if (!run.Holds(schema, member, into: null)) return false;
            }
            foreach (var (pattern, patternSchema) in patterned)
            {
                if (!pattern.IsFoundIn(name, run)) continue;
                isCovered = true;
                if (!run.Holds(patternSchema, member, into: null)) return false;
            }
            if (!isCovered && additional is not null)
            {
                isCovered = true;
                if (!run.Holds(additional, member, into: null)) return false;
            }
            if (isCovered) seen?.AddName(name);
        }
        return true;
    }
}

internal sealed class PropertyNames(string at, SchemaNode schema) : Keyword("propertyNames", at)
{
    public override bool Holds(JsonValue value, Evaluation run, Evaluated? seen)
    {
        foreach (var (name, _) in value.Members)
        {
            if (!run.Holds(schema, JsonValue.Of(name), into: null)) return run.Fail(this, value);
        }
        return true;
    }
}

/// <summary><c>dependentSchemas</c> and the schema half of <c>dependencies</c>.</summary>
internal sealed class DependentSchemas(string name, string at, (string Name, SchemaNode Schema)[] dependents) : Keyword(name, at)
{
    public override bool Holds(JsonValue value, Evaluation run, Evaluated? seen)
    {
        foreach (var (trigger, schema) in dependents)
        {
            if (value.Get(trigger) is not null && !run.Holds(schema, value, seen)) return false;
        }
        return true;
    }
}

internal sealed class UnevaluatedProperties(string at, SchemaNode schema) : Keyword("unevaluatedProperties", at)
{
    public override bool Holds(JsonValue value, Evaluation run, Evaluated? seen)
    {
        foreach (var (name, member) in value.Members)
        {
            if (seen!.HasName(name)) continue;
            if (!run.Holds(schema, member, into: null)) return run.Fail(this, member);
            seen.AddName(name);
        }
        return true;
    }
}
