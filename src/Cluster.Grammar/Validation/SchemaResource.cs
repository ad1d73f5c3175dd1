namespace Cluster.Grammar.Validation;

/// <summary>A schema with its own base URI: a document, or a part of one that has an <c>$id</c>.</summary>
internal sealed class SchemaResource(string uri, JsonValue root, Dialect dialect)
{
    public string Uri { get; } = uri;

    public JsonValue Root { get; } = root;

    public Dialect Dialect { get; } = dialect;

    public Dictionary<string, JsonValue> Anchors { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, JsonValue> DynamicAnchors { get; } = new(StringComparer.Ordinal);

    public bool IsRecursiveAnchor => Root.Get("$recursiveAnchor") is { Kind: JsonKind.Boolean, Boolean: true };
}

/// <summary>Where a schema stands: in which resource, and at which pointer of its document.</summary>
internal sealed record SchemaPlace(SchemaResource Resource, string Pointer);

/// <summary>Keywords under which schemas stand.</summary>
internal static class SubschemaKeywords
{
    public static readonly IReadOnlySet<string> Single = new HashSet<string>(StringComparer.Ordinal)
    {
        "additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then",
        "unevaluatedItems", "unevaluatedProperties",
    };

    public static readonly IReadOnlySet<string> Lists = new HashSet<string>(StringComparer.Ordinal)
    {
        "allOf", "anyOf", "items", "oneOf", "prefixItems",
    };

    public static readonly IReadOnlySet<string> Maps = new HashSet<string>(StringComparer.Ordinal)
    {
        "$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties",
    };
}
