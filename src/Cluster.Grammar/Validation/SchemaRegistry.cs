namespace Cluster.Grammar.Validation;

/// <summary>
/// Every schema document of one validator, its resources and anchors by URI. Documents come only from the caller and from the
/// meta-schemas that ship with us: nothing is ever fetched.
/// </summary>
internal sealed class SchemaRegistry(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> remotes)
{
    /// <summary>Base URI of a schema that names none.</summary>
    public const string UnnamedBase = "schema:///";

    public const int SchemaDepthMax = 1000;

    private readonly Dictionary<string, SchemaResource> _resources = new(StringComparer.Ordinal);
    private readonly Dictionary<JsonValue, SchemaPlace> _places = new(PlaceComparer.Instance);
    private readonly Dictionary<string, string> _remoteKeys =
        remotes.Keys.GroupBy(WithoutFragment, StringComparer.Ordinal).ToDictionary(keys => keys.Key, keys => keys.First(), StringComparer.Ordinal);

    public IEnumerable<SchemaResource> Resources => _resources.Values;

    public SchemaPlace PlaceOf(JsonValue schema) => _places[schema];

    /// <summary>Adds a document and finds every resource and anchor in it.</summary>
    public void Add(JsonValue document, string uri)
    {
        var resource = new SchemaResource(uri, document, DialectOf(document, Dialect.Default));
        _resources.TryAdd(uri, resource);
        Index(document, resource, "");
    }

    /// <summary>What <paramref name="reference"/> points to from a place.</summary>
    public JsonValue Resolve(SchemaPlace from, string keyword, string reference)
    {
        var (uri, fragment) = UriReference.Resolve(from.Resource.Uri, reference);
        var resource = Find(uri) ?? throw new SchemaException(from.Pointer, keyword, $"'{reference}' points to a document that is not registered.");
        var target = fragment.Length == 0 ? resource.Root
            : fragment[0] == '/' ? Follow(resource, fragment)
            : resource.Anchors.GetValueOrDefault(fragment);
        return target ?? throw new SchemaException(from.Pointer, keyword, $"'{reference}' points to nothing.");
    }

    private SchemaResource? Find(string uri)
    {
        if (_resources.TryGetValue(uri, out var known)) return known;
        ReadOnlyMemory<byte> text;
        if (_remoteKeys.TryGetValue(uri, out string? key)) text = remotes[key];
        else if (MetaSchemas.Find(uri) is { } published) text = published;
        else return null;
        if (!JsonTreeReader.TryRead(text.Span, SchemaDepthMax, rejectsDuplicates: false, out var document, out _)) return null;
        Add(document, uri);
        return _resources[uri];
    }

    private JsonValue? Follow(SchemaResource resource, string pointer)
    {
        JsonValue? value = resource.Root;
        foreach (string escaped in pointer[1..].Split('/'))
        {
            string name = escaped.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            value = value!.Kind == JsonKind.Array
                ? int.TryParse(name, out int index) && index >= 0 && index < value.Items.Length ? value.Items[index] : null
                : value.Get(name);
            if (value is null) return null;
        }
        // A schema may stand where no keyword that we know expects one.
        if (!_places.ContainsKey(value!)) Index(value!, resource, pointer);
        return value;
    }

    private void Index(JsonValue root, SchemaResource outer, string pointer)
    {
        var open = new Stack<(JsonValue Schema, SchemaResource Outer, string Pointer)>();
        open.Push((root, outer, pointer));
        while (open.TryPop(out var next))
        {
            var resource = Enter(next.Schema, next.Outer);
            _places[next.Schema] = new SchemaPlace(resource, next.Pointer);
            foreach (var (name, value) in next.Schema.Members)
            {
                string at = $"{next.Pointer}/{Escape(name)}";
                if (value.Kind == JsonKind.Array && SubschemaKeywords.Lists.Contains(name))
                {
                    for (int i = 0; i < value.Items.Length; i++) open.Push((value.Items[i], resource, $"{at}/{i}"));
                }
                else if (value.Kind == JsonKind.Object && SubschemaKeywords.Maps.Contains(name))
                {
                    foreach (var member in value.Members) open.Push((member.Value, resource, $"{at}/{Escape(member.Name)}"));
                }
                else if (SubschemaKeywords.Single.Contains(name)) open.Push((value, resource, at));
            }
        }
    }

    /// <summary>The resource that a schema belongs to, a new one if it has an identifier; notes its anchors.</summary>
    private SchemaResource Enter(JsonValue schema, SchemaResource outer)
    {
        var resource = outer;
        var dialect = DialectOf(schema, outer.Dialect);
        bool isHidden = dialect.IgnoresRefSiblings && schema.Get("$ref") is { Kind: JsonKind.String };
        if (!isHidden && schema.Get(dialect.IdKeyword) is { Kind: JsonKind.String } id)
        {
            var (uri, fragment) = UriReference.Resolve(outer.Uri, id.Text);
            // Up to draft 7, "#name" names a place inside the document.
            if (id.Text.StartsWith('#')) resource.Anchors.TryAdd(fragment, schema);
            else
            {
                resource = new SchemaResource(uri, schema, dialect);
                if (fragment.Length > 0 && fragment[0] != '/') resource.Anchors.TryAdd(fragment, schema);
                _resources[uri] = resource;
            }
        }
        if (dialect.Draft < Draft.Draft201909) return resource;
        if (schema.Get("$anchor") is { Kind: JsonKind.String } anchor) resource.Anchors.TryAdd(anchor.Text, schema);
        if (dialect.Draft >= Draft.Draft202012 && schema.Get("$dynamicAnchor") is { Kind: JsonKind.String } dynamic)
        {
            resource.Anchors.TryAdd(dynamic.Text, schema);
            resource.DynamicAnchors.TryAdd(dynamic.Text, schema);
        }
        return resource;
    }

    private Dialect DialectOf(JsonValue schema, Dialect otherwise)
    {
        if (schema.Get("$schema") is not { Kind: JsonKind.String } written) return otherwise;
        if (Dialect.Published(written.Text) is { } published) return published;
        string uri = WithoutFragment(written.Text);
        // A meta-schema that describes itself would be looked up for ever.
        if (schema.Get("$id")?.Text == uri || Find(uri) is not { } metaSchema) return otherwise;
        return Dialect.Described(metaSchema.Root, metaSchema.Dialect);
    }

    private static string WithoutFragment(string uri) => (UriReference.Parse(uri) with { Fragment = null }).ToString();

    private static string Escape(string name)
        => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
