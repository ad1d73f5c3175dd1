using System.Text.Json;

namespace Cluster.Grammar.Schema;

/// <summary>
/// Where references lead: schema resources by URI and anchors by name, over the caller's document and the registered ones.
/// Nothing is ever fetched.
/// </summary>
internal sealed class SchemaIndex(SchemaRegistry? registry)
{
    /// <summary>Objects with more members are looked up in a table.</summary>
    private const int MembersSearched = 32;

    private readonly Dictionary<(SchemaDocument, string Base, int Offset, string Token), SchemaPlace> _passed = [];
    private readonly Dictionary<(SchemaDocument, int Offset), Dictionary<string, JsonElement>> _members = [];
    private readonly Dictionary<string, SchemaPlace> _resources = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Base, string Name), SchemaPlace> _anchors = [];
    private readonly Dictionary<(string Base, string Name), SchemaPlace> _dynamicAnchors = [];

    /// <summary>Dynamic anchors of all documents met so far.</summary>
    public IEnumerable<((string Base, string Name) Key, SchemaPlace Place)> DynamicAnchors
        => _dynamicAnchors.Select(static entry => (entry.Key, entry.Value));

    /// <summary>Indexes a document and returns the place of its root.</summary>
    public SchemaPlace Add(string uri, JsonElement root, Dialect fallback)
    {
        Dialect dialect = fallback;
        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("$schema", out JsonElement name)
            && name.ValueKind == JsonValueKind.String)
        {
            dialect = Dialects.FromUri(name.GetString()!) ?? fallback;
        }
        var document = new SchemaDocument(uri, root, dialect);
        SchemaPlace place = Enter(new SchemaPlace(document, null, root, uri, dialect));
        _resources.TryAdd(uri, place);
        _resources.TryAdd(place.Base, place);
        if (document.HasNames) Scan(place);
        return place;
    }

    /// <summary>The place with the base and the dialect that its own <c>$id</c> and <c>$schema</c> give it.</summary>
    public static SchemaPlace Enter(SchemaPlace place)
    {
        if (place.Element.ValueKind != JsonValueKind.Object || place.Path is not null && !place.Document.HasNames) return place;
        if (place.Path is not null && place.Element.TryGetProperty("$schema", out JsonElement name)
            && name.ValueKind == JsonValueKind.String && IdOf(place) is not null)
        {
            place = place with { Dialect = Dialects.FromUri(name.GetString()!) ?? place.Dialect };
        }
        return IdOf(place) is { } id && !id.StartsWith('#') && Resolve(place.Base, id) is { } uri
            ? place with { Base = WithoutFragment(uri) }
            : place;
    }

    /// <summary>Where <paramref name="reference"/> leads from <paramref name="from"/>; null when nowhere that is known.</summary>
    public SchemaPlace? Find(SchemaPlace from, string reference)
    {
        int hash = reference.IndexOf('#');
        string address = hash < 0 ? reference : reference[..hash];
        string fragment = hash < 0 ? "" : reference[(hash + 1)..];
        string? uri = address.Length == 0 ? from.Base : Resolve(from.Base, address);
        if (uri is null || FindResource(WithoutFragment(uri), from.Dialect) is not { } resource) return null;
        if (fragment.Length == 0) return resource;
        string decoded = Uri.UnescapeDataString(fragment);
        if (decoded[0] != '/')
        {
            return _anchors.TryGetValue((resource.Base, decoded), out SchemaPlace anchor) ? anchor : null;
        }
        return Walk(resource, decoded);
    }

    /// <summary>Whether <paramref name="name"/> is a dynamic anchor of the resource of <paramref name="target"/>.</summary>
    public bool IsDynamicAnchor(SchemaPlace target, string name) => _dynamicAnchors.ContainsKey((target.Base, name));

    /// <summary>Whether a schema names a registered meta-schema of its own whose vocabularies do not include validation.</summary>
    public bool LacksValidation(JsonElement root)
        => root.ValueKind == JsonValueKind.Object && TryText(root, "$schema", out string uri) && Dialects.FromUri(uri) is null
            && registry is not null && registry.TryGet(WithoutFragment(uri), out JsonElement meta) && meta.ValueKind == JsonValueKind.Object
            && meta.TryGetProperty("$vocabulary", out JsonElement vocabularies) && vocabularies.ValueKind == JsonValueKind.Object
            && !vocabularies.EnumerateObject().Any(static x => x.Name.EndsWith("/vocab/validation", StringComparison.Ordinal));

    private SchemaPlace? FindResource(string uri, Dialect fallback)
    {
        if (_resources.TryGetValue(uri, out SchemaPlace known)) return known;
        if (registry is null || !registry.TryGet(uri, out JsonElement root)) return null;
        return Add(uri, root, fallback);
    }

    private SchemaPlace? Walk(SchemaPlace from, string pointer)
    {
        if (JsonPointers.Split(pointer) is not { } tokens) return null;
        SchemaPlace place = from;
        for (int i = 0; i < tokens.Length; i++)
        {
            // Thousands of references into one object must not read it once each.
            (SchemaDocument, string, int, string) key = (place.Document, place.Base, place.Offset, tokens[i]);
            if (i < tokens.Length - 1 && _passed.TryGetValue(key, out SchemaPlace passed))
            {
                place = passed;
                continue;
            }
            if (!TryStep(place, tokens[i], out JsonElement child)) return null;
            place = place.Down(tokens[i], child);
            if (i < tokens.Length - 1) _passed[key] = place;
        }
        return place;
    }

    private bool TryStep(SchemaPlace place, string token, out JsonElement child)
    {
        if (place.Element.ValueKind != JsonValueKind.Object || place.Element.GetPropertyCount() <= MembersSearched) return JsonPointers.TryStep(place.Element, token, out child);
        if (!_members.TryGetValue((place.Document, place.Offset), out Dictionary<string, JsonElement>? members))
        {
            _members[(place.Document, place.Offset)] = members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
            foreach (JsonProperty member in place.Element.EnumerateObject())
            {
                if (TryName(member, out string name)) members[name] = member.Value;
            }
        }
        return members.TryGetValue(token, out child);
    }

    private static bool TryName(JsonProperty member, out string name)
    {
        try
        {
            name = member.Name;
            return true;
        }
        catch (InvalidOperationException)
        {
            name = ""; // half of a surrogate pair: no reference names it
            return false;
        }
    }

    private void Scan(SchemaPlace root)
    {
        var open = new Stack<SchemaPlace>();
        open.Push(root);
        while (open.TryPop(out SchemaPlace place))
        {
            if (place.Element.ValueKind != JsonValueKind.Object) continue;
            Register(place);
            foreach (JsonProperty property in place.Element.EnumerateObject())
            {
                switch (Keywords.ShapeOf(property.Name))
                {
                    case SchemaShape.Schema:
                    case SchemaShape.SchemaOrList:
                    case SchemaShape.List:
                        if (property.Value.ValueKind == JsonValueKind.Object) open.Push(place.Down(property.Name, property.Value));
                        if (property.Value.ValueKind != JsonValueKind.Array) break;
                        int index = 0;
                        foreach (JsonElement item in property.Value.EnumerateArray())
                        {
                            open.Push(place.Down(property.Name, index++, item));
                        }
                        break;
                    case SchemaShape.Map:
                        if (property.Value.ValueKind != JsonValueKind.Object) break;
                        foreach (JsonProperty entry in property.Value.EnumerateObject())
                        {
                            if (entry.Value.ValueKind == JsonValueKind.Object)
                            {
                                open.Push(place.Down(property.Name, entry.Name, entry.Value));
                            }
                        }
                        break;
                }
            }
        }
    }

    private void Register(SchemaPlace place)
    {
        if (IdOf(place) is { } id)
        {
            if (id.StartsWith('#') && id.Length > 1) _anchors.TryAdd((place.Base, id[1..]), place);
            else _resources.TryAdd(place.Base, place);
        }
        if (place.Dialect < Dialect.Draft2019) return;
        if (TryText(place.Element, "$anchor", out string anchor)) _anchors.TryAdd((place.Base, anchor), place);
        if (TryText(place.Element, "$dynamicAnchor", out string dynamic))
        {
            _anchors.TryAdd((place.Base, dynamic), place);
            _dynamicAnchors.TryAdd((place.Base, dynamic), place);
        }
        if (place.Element.TryGetProperty("$recursiveAnchor", out JsonElement recursive) && recursive.ValueKind == JsonValueKind.True)
        {
            _dynamicAnchors.TryAdd((place.Base, ""), place);
        }
    }

    private static string? IdOf(SchemaPlace place)
    {
        if (!TryText(place.Element, place.Dialect == Dialect.Draft4 ? "id" : "$id", out string id)) return null;
        // Up to draft-07 nothing beside a reference counts, an identifier neither.
        return place.Dialect <= Dialect.Draft7 && place.Element.TryGetProperty("$ref", out _) ? null : id;
    }

    private static bool TryText(JsonElement element, string name, out string text)
    {
        text = "";
        if (!element.TryGetProperty(name, out JsonElement value) || value.ValueKind != JsonValueKind.String) return false;
        try
        {
            text = value.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            return false; // half of a surrogate pair: it names nothing
        }
    }

    private static string WithoutFragment(string uri) => uri.IndexOf('#') is >= 0 and int hash ? uri[..hash] : uri;

    private static string? Resolve(string baseUri, string reference)
        => Uri.TryCreate(reference, UriKind.Absolute, out Uri? absolute) && !reference.StartsWith('/') ? absolute.AbsoluteUri
            : Uri.TryCreate(baseUri, UriKind.Absolute, out Uri? root) && Uri.TryCreate(root, reference, out Uri? joined) ? joined.AbsoluteUri
            : null;
}
