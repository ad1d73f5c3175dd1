using Cluster.Grammar.Validation.Keywords;
using Cluster.Grammar.Validation.Patterns;

namespace Cluster.Grammar.Validation;

/// <summary>Turns every schema that can be reached from the root into a node. Unreachable parts are never looked at.</summary>
internal sealed class SchemaBuilder(SchemaRegistry registry, ValidatorOptions options)
{
    private readonly Dictionary<JsonValue, SchemaNode> _nodes = new(PlaceComparer.Instance);
    private readonly Queue<JsonValue> _pending = new();
    private readonly HashSet<string> _dynamicNames = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Pattern> _patterns = new(StringComparer.Ordinal);
    private bool _hasRecursiveRef;

    public ValidatorOptions Options { get; } = options;

    public SchemaNode Build(JsonValue root)
    {
        var node = NodeOf(root);
        while (_pending.Count > 0)
        {
            while (_pending.TryDequeue(out var schema)) Fill(_nodes[schema], schema);
            // A dynamic reference may land in any resource, those found on the way included.
            foreach (var resource in registry.Resources.ToArray())
            {
                foreach (var (name, schema) in resource.DynamicAnchors)
                {
                    if (_dynamicNames.Contains(name)) NodeOf(schema);
                }
                if (_hasRecursiveRef && resource.IsRecursiveAnchor) NodeOf(resource.Root);
            }
        }
        return node;
    }

    /// <summary>The node of a schema, filled in later.</summary>
    public SchemaNode NodeOf(JsonValue schema)
    {
        if (_nodes.TryGetValue(schema, out var node)) return node;
        node = new SchemaNode(registry.PlaceOf(schema));
        _nodes.Add(schema, node);
        _pending.Enqueue(schema);
        return node;
    }

    public Pattern PatternOf(string text, string pointer, string keyword)
    {
        if (_patterns.TryGetValue(text, out var known)) return known;
        if (!Pattern.TryParse(text, out var pattern, out string reason)) throw new SchemaException(pointer, keyword, reason);
        _patterns.Add(text, pattern!);
        return pattern!;
    }

    private void Fill(SchemaNode node, JsonValue schema)
    {
        var place = node.Place;
        if (schema.Kind == JsonKind.Boolean)
        {
            if (!schema.Boolean) node.Keywords = [new Predicate("false", place.Pointer, (_, _) => false)];
            return;
        }
        if (schema.Kind != JsonKind.Object) throw new SchemaException(place.Pointer, "", "A schema is an object or a boolean.");

        var keywords = new List<Keyword>();
        AddReferences(schema, place, keywords);
        if (keywords.Count == 0 || !place.Resource.Dialect.IgnoresRefSiblings)
        {
            var source = new KeywordSource(this, schema, place);
            if (place.Resource.Dialect.HasValidation) source.AddAssertions(keywords);
            source.AddFormat(keywords);
            source.AddApplicators(keywords);
            node.AsksEvaluated = source.AddUnevaluated(keywords);
        }
        node.Keywords = [.. keywords];
    }

    private void AddReferences(JsonValue schema, SchemaPlace place, List<Keyword> keywords)
    {
        var draft = place.Resource.Dialect.Draft;
        if (schema.Get("$ref") is { } plain)
        {
            keywords.Add(new AllOf("$ref", place.Pointer, [NodeOf(registry.Resolve(place, "$ref", TextOf(plain, place, "$ref")))]));
        }
        if (draft == Draft.Draft202012 && schema.Get("$dynamicRef") is { } dynamic)
        {
            string reference = TextOf(dynamic, place, "$dynamicRef");
            var target = registry.Resolve(place, "$dynamicRef", reference);
            string name = UriReference.Resolve("", reference).Fragment;
            bool isDynamic = target.Get("$dynamicAnchor") is { Kind: JsonKind.String } anchor && anchor.Text == name;
            if (isDynamic) _dynamicNames.Add(name);
            keywords.Add(new DynamicRef(place.Pointer, NodeOf(target), isDynamic ? name : null, Known));
        }
        if (draft == Draft.Draft201909 && schema.Get("$recursiveRef") is { } recursive)
        {
            var target = registry.Resolve(place, "$recursiveRef", TextOf(recursive, place, "$recursiveRef"));
            bool isDynamic = registry.PlaceOf(target).Resource.IsRecursiveAnchor;
            _hasRecursiveRef |= isDynamic;
            keywords.Add(new RecursiveRef(place.Pointer, NodeOf(target), isDynamic, Known));
        }
    }

    // Called while validating: every node exists by then, and the dictionary is only read.
    private SchemaNode Known(JsonValue schema) => _nodes[schema];

    private static string TextOf(JsonValue value, SchemaPlace place, string keyword)
        => value.Kind == JsonKind.String ? value.Text : throw new SchemaException(place.Pointer, keyword, "The value must be a string.");
}
