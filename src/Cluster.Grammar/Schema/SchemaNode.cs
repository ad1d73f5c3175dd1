using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Schema;

/// <summary>What a JSON value is; <c>true</c> and <c>false</c> count as two kinds, so that every kind but the last four is one text.</summary>
internal enum ValueKind { Null, True, False, Number, String, Array, Object }

/// <summary>Sets of the type names of a schema.</summary>
[Flags]
internal enum ValueTypes { None = 0, Null = 1, Boolean = 2, Number = 4, String = 8, Array = 16, Object = 32, All = 63 }

/// <summary>
/// One schema object as read: keywords by group, references resolved to edges. Filled by <see cref="SchemaReader"/>, then never changed.
/// Arrays, not lists: most are empty, and an empty array is one object for all.
/// </summary>
/// <param name="id">Its place among the nodes of its reading; -1 for one that stands in no text.</param>
/// <param name="path">Its path from its document's root; null for the root.</param>
/// <param name="document">What its pointers begin with: nothing in the caller's own text.</param>
internal sealed class SchemaNode(int id, SchemaPath? path = null, string document = "")
{
    // Most schemas say nothing of what stands here, and share this one.
    private static readonly Uncommon _none = new();
    private Uncommon _rare = _none;

    private Uncommon Rare => ReferenceEquals(_rare, _none) ? _rare = new Uncommon() : _rare;

    public int Id { get; } = id;

    public override int GetHashCode() => Id;

    /// <summary>Where it stands in its document (RFC 6901).</summary>
    public string Pointer => document + path;

    /// <summary>A node made for a part of this one.</summary>
    public SchemaNode Made(int id) => new(id, path, document) { Resource = Resource };

    /// <summary>Nothing validates: the schema <c>false</c>.</summary>
    public bool IsFalse { get; set; }

    public ValueTypes Types { get; set; } = ValueTypes.All;

    /// <summary>Conjunction of the keywords on strings; null when there are none.</summary>
    public StringLanguage? Strings { get; set; }

    /// <summary>Conjunction of the keywords on numbers, <c>integer</c> included; null when there are none.</summary>
    public NumberLanguage? Numbers { get; set; }

    /// <summary>One entry for each of <c>enum</c> and <c>const</c>.</summary>
    public ConstSet[] Consts { get; set; } = [];

    public MemberRules? Members { get; set; }

    public string[] Required { get; set; } = [];

    public int MinProperties
    {
        get => _rare.MinProperties;
        set => Rare.MinProperties = value;
    }

    public int? MaxProperties
    {
        get => _rare.MaxProperties;
        set => Rare.MaxProperties = value;
    }

    public SchemaNode? PropertyNames
    {
        get => _rare.PropertyNames;
        set => Rare.PropertyNames = value;
    }

    public (string Key, string[] Required)[] DependentRequired
    {
        get => _rare.DependentRequired;
        set => Rare.DependentRequired = value;
    }

    public (string Key, SchemaNode Schema)[] DependentSchemas
    {
        get => _rare.DependentSchemas;
        set => Rare.DependentSchemas = value;
    }

    public ItemRules? Items { get; set; }

    public int MinItems { get; set; }

    public int? MaxItems { get; set; }

    public bool UniqueItems { get; set; }

    public SchemaNode? Contains
    {
        get => _rare.Contains;
        set => Rare.Contains = value;
    }

    public int MinContains
    {
        get => _rare.MinContains;
        set => Rare.MinContains = value;
    }

    public int? MaxContains
    {
        get => _rare.MaxContains;
        set => Rare.MaxContains = value;
    }

    /// <summary>Whether items matched by <c>contains</c> count as evaluated (from 2020-12 on).</summary>
    public bool ContainsEvaluates
    {
        get => _rare.ContainsEvaluates;
        set => Rare.ContainsEvaluates = value;
    }

    public SchemaNode[] AllOf { get; set; } = [];

    public SchemaNode[] AnyOf { get; set; } = [];

    public SchemaNode[] OneOf { get; set; } = [];

    public bool HasAnyOf { get; set; }

    public bool HasOneOf { get; set; }

    public SchemaNode? Not { get; set; }

    public SchemaNode? If
    {
        get => _rare.If;
        set => Rare.If = value;
    }

    public SchemaNode? Then
    {
        get => _rare.Then;
        set => Rare.Then = value;
    }

    public SchemaNode? Else
    {
        get => _rare.Else;
        set => Rare.Else = value;
    }

    /// <summary>Target of <c>$ref</c>.</summary>
    public SchemaNode? Reference { get; set; }

    /// <summary>Target of <c>$dynamicRef</c> or <c>$recursiveRef</c> as far as the text tells, and the anchor by which outer resources replace it (null: none do).</summary>
    public (SchemaNode Initial, string? Anchor)? DynamicReference
    {
        get => _rare.DynamicReference;
        set => Rare.DynamicReference = value;
    }

    public SchemaNode? UnevaluatedProperties
    {
        get => _rare.UnevaluatedProperties;
        set => Rare.UnevaluatedProperties = value;
    }

    public SchemaNode? UnevaluatedItems
    {
        get => _rare.UnevaluatedItems;
        set => Rare.UnevaluatedItems = value;
    }

    /// <summary>The keywords that declare property names or lead to schemas that do, in the order of the source.</summary>
    public OrderSource[] OrderSources { get; set; } = [];

    /// <summary>The schema resource that this node belongs to: its dynamic anchors.</summary>
    public SchemaResource? Resource { get; set; }

    /// <summary>Some other schema applies to the same value.</summary>
    public bool HasInPlace => AllOf.Length + AnyOf.Length + OneOf.Length + DependentSchemas.Length > 0
        || Not is not null || If is not null || Then is not null || Else is not null || Reference is not null || DynamicReference is not null;

    /// <summary>Schemas that apply to the same value, in the order of the source.</summary>
    public IEnumerable<SchemaNode> InPlace()
    {
        foreach (SchemaNode node in AllOf) yield return node;
        foreach (SchemaNode node in AnyOf) yield return node;
        foreach (SchemaNode node in OneOf) yield return node;
        foreach ((_, SchemaNode node) in DependentSchemas) yield return node;
        if (Not is not null) yield return Not;
        if (If is not null) yield return If;
        if (Then is not null) yield return Then;
        if (Else is not null) yield return Else;
        if (Reference is not null) yield return Reference;
        if (DynamicReference is { } dynamic) yield return dynamic.Initial;
    }

    /// <summary>Keywords that few schemas have.</summary>
    private sealed class Uncommon
    {
        public int MinProperties;
        public int? MaxProperties;
        public SchemaNode? PropertyNames;
        public (string Key, string[] Required)[] DependentRequired = [];
        public (string Key, SchemaNode Schema)[] DependentSchemas = [];
        public SchemaNode? Contains;
        public int MinContains = 1;
        public int? MaxContains;
        public bool ContainsEvaluates;
        public SchemaNode? If;
        public SchemaNode? Then;
        public SchemaNode? Else;
        public (SchemaNode Initial, string? Anchor)? DynamicReference;
        public SchemaNode? UnevaluatedProperties;
        public SchemaNode? UnevaluatedItems;
    }
}

/// <summary>From where a level takes the order of its keys.</summary>
internal enum OrderSource { Properties, Reference, DynamicReference, AllOf, Const }

/// <summary>A schema resource: what <c>$dynamicAnchor</c>s it declares.</summary>
internal sealed class SchemaResource(string uri)
{
    public string Uri { get; } = uri;

    public Dictionary<string, SchemaNode> DynamicAnchors { get; } = [];
}

/// <summary>The values of one <c>enum</c> or <c>const</c>, by kind; objects and arrays as schemas that only they satisfy.</summary>
internal sealed class ConstSet
{
    public bool Null { get; set; }

    public bool True { get; set; }

    public bool False { get; set; }

    public StringLanguage? Strings { get; set; }

    public NumberLanguage? Numbers { get; set; }

    public SchemaNode[] Arrays { get; set; } = [];

    public SchemaNode[] Objects { get; set; } = [];
}

/// <summary>The group {properties, patternProperties, additionalProperties}.</summary>
internal sealed class MemberRules
{
    public List<(string Key, SchemaNode Schema)> Properties { get; } = [];

    public Dictionary<string, SchemaNode> ByKey { get; } = new(StringComparer.Ordinal);

    public List<(StringLanguage Pattern, SchemaNode Schema)> Patterns { get; } = [];

    public SchemaNode? Additional { get; set; }
}

/// <summary>The group {prefixItems, items} or, in older dialects, {items, additionalItems}.</summary>
internal sealed class ItemRules
{
    public List<SchemaNode> Prefix { get; } = [];

    /// <summary>For every item after the prefix; null when anything goes.</summary>
    public SchemaNode? Rest { get; set; }
}
