using Cluster.Grammar.Validation.Keywords;

namespace Cluster.Grammar.Validation;

/// <summary>One validation under way: its budgets, its dynamic scope, and the last failure. Not thread-safe.</summary>
internal sealed class Evaluation(int depthMax, long stepsMax)
{
    private long _stepsLeft = stepsMax;
    private int _depth;
    private Scope? _scope;

    /// <summary>A resource that evaluation has entered, and those around it.</summary>
    public sealed record Scope(SchemaResource Resource, Scope? Outer);

    public Scope? Current => _scope;

    public Keyword? FailedKeyword { get; private set; }

    public JsonValue? FailedValue { get; private set; }

    /// <summary>
    /// Whether the value satisfies the schema. On success, and if <paramref name="into"/> is given, what was evaluated is added to it.
    /// </summary>
    public bool Holds(SchemaNode schema, JsonValue value, Evaluated? into)
    {
        if (++_depth > depthMax) throw new LimitException(ValidationOutcome.TooDeep);
        LimitException.ThrowIfStackIsShort();
        var outer = _scope;
        if (!ReferenceEquals(outer?.Resource, schema.Place.Resource)) _scope = new Scope(schema.Place.Resource, outer);
        var own = into is not null || schema.AsksEvaluated ? new Evaluated() : null;
        bool holds = true;
        foreach (var keyword in schema.Keywords)
        {
            Spend(1);
            if (keyword.Holds(value, this, own)) continue;
            holds = false;
            break;
        }
        if (holds && own is not null) into?.Add(own);
        _scope = outer;
        _depth--;
        return holds;
    }

    /// <summary>Notes what failed; a later failure that counts replaces an earlier one that did not.</summary>
    public bool Fail(Keyword keyword, JsonValue value)
    {
        (FailedKeyword, FailedValue) = (keyword, value);
        return false;
    }

    public void Spend(int steps)
    {
        if ((_stepsLeft -= steps) < 0) throw new LimitException(ValidationOutcome.TimedOut);
    }
}
