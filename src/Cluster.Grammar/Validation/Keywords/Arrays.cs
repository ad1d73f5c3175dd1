namespace Cluster.Grammar.Validation.Keywords;

/// <summary>Schemas by position: <c>prefixItems</c> and <c>items</c>, or <c>items</c> as a list and <c>additionalItems</c>.</summary>
internal sealed class ItemSchemas(string at, SchemaNode[] prefix, SchemaNode? rest) : Keyword("items", at)
{
    public override bool Holds(JsonValue value, Evaluation run, Evaluated? seen)
    {
        for (int i = 0; i < value.Items.Length; i++)
        {
            var schema = i < prefix.Length ? prefix[i] : rest;
            if (schema is null) break;
            if (!run.Holds(schema, value.Items[i], into: null)) return false;
        }
        seen?.AddPrefix(rest is null ? Math.Min(prefix.Length, value.Items.Length) : value.Items.Length);
        return true;
    }
}

/// <summary><c>contains</c> with its bounds. Only 2020-12 counts the items that it matches as evaluated.</summary>
internal sealed class Contains(string at, SchemaNode schema, long min, long max, bool marksItems) : Keyword("contains", at)
{
    public override bool Holds(JsonValue value, Evaluation run, Evaluated? seen)
    {
        if (value.Kind != JsonKind.Array) return true;
        long count = 0;
        for (int i = 0; i < value.Items.Length; i++)
        {
            if (!run.Holds(schema, value.Items[i], into: null)) continue;
            count++;
            if (marksItems) seen?.AddItem(i);
        }
        return (count >= min && count <= max) || run.Fail(this, value);
    }
}

internal sealed class UniqueItems(string at) : Keyword("uniqueItems", at)
{
    public override bool Holds(JsonValue value, Evaluation run, Evaluated? seen)
    {
        if (value.Items.Length < 2) return true;
        var known = new HashSet<JsonValue>(DeepComparer.Instance);
        foreach (var item in value.Items)
        {
            if (!known.Add(item)) return run.Fail(this, item);
        }
        return true;
    }
}

internal sealed class UnevaluatedItems(string at, SchemaNode schema) : Keyword("unevaluatedItems", at)
{
    public override bool Holds(JsonValue value, Evaluation run, Evaluated? seen)
    {
        for (int i = 0; i < value.Items.Length; i++)
        {
            if (!seen!.HasItem(i) && !run.Holds(schema, value.Items[i], into: null)) return run.Fail(this, value.Items[i]);
        }
        seen!.AddPrefix(value.Items.Length);
        return true;
    }
}
