using System.Collections.Frozen;

namespace Cluster.Grammar.Schema;

/// <summary>How a keyword holds subschemas.</summary>
internal enum SchemaShape { None, Schema, List, SchemaOrList, Map }

/// <summary>What is known of keywords by name alone.</summary>
internal static class Keywords
{
    private static readonly FrozenDictionary<string, SchemaShape> _shapes = new Dictionary<string, SchemaShape>
    {
        ["additionalProperties"] = SchemaShape.Schema,
        ["additionalItems"] = SchemaShape.Schema,
        ["unevaluatedProperties"] = SchemaShape.Schema,
        ["unevaluatedItems"] = SchemaShape.Schema,
        ["propertyNames"] = SchemaShape.Schema,
        ["contains"] = SchemaShape.Schema,
        ["contentSchema"] = SchemaShape.Schema,
        ["not"] = SchemaShape.Schema,
        ["if"] = SchemaShape.Schema,
        ["then"] = SchemaShape.Schema,
        ["else"] = SchemaShape.Schema,
        ["items"] = SchemaShape.SchemaOrList,
        ["prefixItems"] = SchemaShape.List,
        ["allOf"] = SchemaShape.List,
        ["anyOf"] = SchemaShape.List,
        ["oneOf"] = SchemaShape.List,
        ["properties"] = SchemaShape.Map,
        ["patternProperties"] = SchemaShape.Map,
        ["dependentSchemas"] = SchemaShape.Map,
        ["dependencies"] = SchemaShape.Map,
        ["$defs"] = SchemaShape.Map,
        ["definitions"] = SchemaShape.Map,
    }.ToFrozenDictionary();

    private static readonly FrozenSet<string> _annotations = new[]
    {
        "$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$defs", "definitions", "$comment", "$vocabulary", "title",
        "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "contentMediaType", "contentEncoding", "contentSchema",
    }.ToFrozenSet();

    public static SchemaShape ShapeOf(string keyword) => _shapes.GetValueOrDefault(keyword);

    /// <summary>Keywords that the specification itself calls annotations or identifiers.</summary>
    public static bool IsAnnotation(string keyword) => _annotations.Contains(keyword);
}
