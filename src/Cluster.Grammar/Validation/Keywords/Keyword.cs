namespace Cluster.Grammar.Validation.Keywords;

/// <summary>One assertion of a schema. Immutable.</summary>
/// <param name="name">The keyword as written.</param>
/// <param name="schemaPointer">Where its schema stands in its document.</param>
internal abstract class Keyword(string name, string schemaPointer)
{
    public string Name { get; } = name;

    public string SchemaPointer { get; } = schemaPointer;

    /// <summary>Whether <paramref name="value"/> satisfies the keyword; a keyword holds for every kind of value that it says nothing about.</summary>
    /// <param name="seen">Where to note evaluated members and items; null when nobody asks.</param>
    public abstract bool Holds(JsonValue value, Evaluation run, Evaluated? seen);
}

/// <summary>A keyword that is a plain predicate on the value.</summary>
internal sealed class Predicate(string name, string schemaPointer, Func<JsonValue, Evaluation, bool> holds) : Keyword(name, schemaPointer)
{
    public override bool Holds(JsonValue value, Evaluation run, Evaluated? seen) => holds(value, run) || run.Fail(this, value);
}
