using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Cluster.Grammar.Schema;

/// <summary>What reading a schema text gave.</summary>
/// <param name="Root">The root, or null when it was refused.</param>
/// <param name="Keywords">Every keyword met, written out when somebody asks.</param>
internal sealed record SchemaReading(SchemaNode? Root, Lazy<ImmutableArray<KeywordEntry>> Keywords, ImmutableArray<SchemaRejection> Rejections)
{
    /// <summary>Some reference depends on the path that led to it.</summary>
    public bool HasDynamicReferences { get; init; }
}

/// <summary>
/// Reads a schema text into a graph of <see cref="SchemaNode"/>s: only what is reachable, references as edges, each keyword entered in the
/// report as enforced, annotation or refused. Total: any text gives a reading. Works off a list of open places, so nesting costs no stack.
/// </summary>
internal sealed partial class SchemaReader
{
    /// <summary>Deepest chain of schemas that apply to one value (allOf in anyOf in $ref …): formulas recurse along it.</summary>
    public const int InPlaceDepthMax = 200;

    /// <summary>Deepest nesting of a schema's text: pointers are as long as they are deep.</summary>
    public const int TextDepthMax = 1000;

    private const string RootUri = "schema:///root";

    private readonly GrammarOptions _options;
    private readonly SchemaIndex _index;
    private readonly Queue<(SchemaNode Node, SchemaPlace Place)> _open = new();
    private readonly Dictionary<string, SchemaResource> _resources = new(StringComparer.Ordinal);
    private SchemaResource? _lastResource;
    private readonly List<(SchemaNode Node, string Keyword, KeywordTreatment Treatment, string Reason)> _keywords = [];
    private readonly List<SchemaRejection> _rejections = [];
    private readonly HashSet<string> _dynamicNames = [];
    private readonly bool _bestEffort;
    private readonly List<SchemaNode> _nodes = [];

    private SchemaReader(GrammarOptions options, bool bestEffort, SchemaRegistry? registry)
    {
        _options = options;
        _bestEffort = bestEffort;
        _index = new SchemaIndex(registry);
    }

    public static SchemaReading Read(string text, GrammarOptions options, bool bestEffort, SchemaRegistry? registry = null)
    {
        var reader = new SchemaReader(options, bestEffort, registry);
        if (IsDeeperThan(text, TextDepthMax))
        {
            return reader.Refuse(new SchemaRejection(SchemaRejectionKind.TooLarge, "", "", $"The schema nests deeper than {TextDepthMax} brackets."));
        }
        try
        {
            // Nesting is bounded by the text's own size; the parser keeps one bit a level.
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = int.MaxValue });
            return reader.Read(document.RootElement);
        }
        catch (JsonException e)
        {
            return reader.Refuse(new SchemaRejection(SchemaRejectionKind.Malformed, "", "", "The schema is not JSON: " + e.Message));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // Written as an escape, or raw in the text itself.
            return reader.Refuse(new SchemaRejection(SchemaRejectionKind.Malformed, "", "",
                "The schema holds half of a surrogate pair, which no JSON text can carry."));
        }
    }

    private static bool IsDeeperThan(string text, int depthMax)
    {
        int depth = 0;
        bool isText = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (isText)
            {
                if (c == '\\') i++;
                else if (c == '"') isText = false;
            }
            else if (c == '"') isText = true;
            else if (c is '{' or '[')
            {
                if (++depth > depthMax) return true;
            }
            else if (c is '}' or ']') depth--;
        }
        return false;
    }

    private SchemaReading Refuse(SchemaRejection rejection) => new(null, new Lazy<ImmutableArray<KeywordEntry>>([]), [rejection]);

    private SchemaReading Read(JsonElement element)
    {
        SchemaPlace place = _index.Add(RootUri, element, Dialect.Draft2020);
        SchemaNode root = NodeAt(place);
        if (_index.LacksValidation(element))
        {
            Reject(SchemaRejectionKind.UnsupportedKeyword, root, "$schema", "The meta-schema leaves out the validation vocabulary.");
        }
        ReadOpen();
        // A dynamic reference may lead to its anchor in any resource: their nodes are made once one is met.
        for (int known = -1; known != _nodes.Count;)
        {
            known = _nodes.Count;
            foreach (((string uri, string name), SchemaPlace anchored) in _index.DynamicAnchors.ToList())
            {
                if (_dynamicNames.Contains(name)) ResourceOf(uri).DynamicAnchors[name] = NodeAt(anchored);
            }
            ReadOpen();
        }
        CheckInPlaceNesting();
        bool refused = _rejections.Any(x => !_bestEffort || x.Kind != SchemaRejectionKind.UnsupportedKeyword);
        return new SchemaReading(refused ? null : root, EntriesOf(_keywords), [.. _rejections]) { HasDynamicReferences = _dynamicNames.Count > 0 };
    }

    private void ReadOpen()
    {
        while (_open.TryDequeue(out (SchemaNode Node, SchemaPlace Place) next)) ReadNode(next.Node, next.Place);
    }

    private SchemaResource ResourceOf(string uri)
    {
        if (ReferenceEquals(uri, _lastResource?.Uri)) return _lastResource;
        if (!_resources.TryGetValue(uri, out SchemaResource? resource)) _resources[uri] = resource = new SchemaResource(uri);
        return _lastResource = resource;
    }

    /// <summary>The node of a place: made, and left open to be read, when it is met first.</summary>
    private SchemaNode NodeAt(SchemaPlace place)
    {
        ref SchemaNode? node = ref CollectionsMarshal.GetValueRefOrAddDefault(place.Document.Nodes, place.Offset, out bool isKnown);
        if (isKnown) return node!;
        node = new SchemaNode(_nodes.Count, place.Path, place.Document.Uri == RootUri ? "" : place.Document.Uri + "#") { Resource = ResourceOf(place.Base) };
        _nodes.Add(node);
        _open.Enqueue((node, place));
        return node;
    }

    private void ReadNode(SchemaNode node, SchemaPlace place)
    {
        switch (place.Element.ValueKind)
        {
            case JsonValueKind.True:
                return;
            case JsonValueKind.False:
                node.IsFalse = true;
                return;
            case JsonValueKind.Object:
                break;
            default:
                Reject(SchemaRejectionKind.Malformed, node, "", "A schema is an object or a boolean.");
                return;
        }
        if (place.Dialect <= Dialect.Draft7 && _options.ReferenceSiblings == ReferenceSiblings.AsDialect && place.Element.TryGetProperty("$ref", out JsonElement reference))
        {
            ReadReference(node, place, "$ref", reference);
            node.OrderSources = [OrderSource.Reference];
            foreach (JsonProperty property in place.Element.EnumerateObject())
            {
                if (property.Name != "$ref") Note(node, property.Name, KeywordTreatment.Annotation, "Ignored beside $ref in this dialect.");
            }
            return;
        }
        foreach (JsonProperty property in place.Element.EnumerateObject())
        {
            ReadKeyword(node, place, property.Name, property.Value);
            if (OrderSourceOf(property.Name) is { } source) node.OrderSources = [.. node.OrderSources, source];
        }
    }

    private static OrderSource? OrderSourceOf(string keyword) => keyword switch
    {
        "properties" => OrderSource.Properties,
        "$ref" => OrderSource.Reference,
        "$dynamicRef" or "$recursiveRef" => OrderSource.DynamicReference,
        "allOf" => OrderSource.AllOf,
        "const" or "enum" => OrderSource.Const,
        _ => null,
    };

    private void Note(SchemaNode node, string keyword, KeywordTreatment treatment, string reason = "")
        => _keywords.Add((node, keyword, treatment, reason));

    private static Lazy<ImmutableArray<KeywordEntry>> EntriesOf(List<(SchemaNode Node, string Keyword, KeywordTreatment Treatment, string Reason)> keywords)
        => new(() => [.. keywords.Select(static x => new KeywordEntry(JsonPointers.Append(x.Node.Pointer, x.Keyword), x.Keyword, x.Treatment, x.Reason))]);

    private void Reject(SchemaRejectionKind kind, SchemaNode node, string keyword, string message)
    {
        string pointer = keyword.Length == 0 ? node.Pointer : JsonPointers.Append(node.Pointer, keyword);
        _rejections.Add(new SchemaRejection(kind, pointer, keyword, message));
        if (keyword.Length > 0) Note(node, keyword, KeywordTreatment.Refused, message);
    }

    private void ReadReference(SchemaNode node, SchemaPlace place, string keyword, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Reject(SchemaRejectionKind.Malformed, node, keyword, "A reference is a string.");
            return;
        }
        string reference = value.GetString()!;
        if (_index.Find(place, reference) is not { } target)
        {
            bool isRemote = reference.Length > 0 && reference[0] != '#';
            Reject(isRemote ? SchemaRejectionKind.UnsupportedKeyword : SchemaRejectionKind.Malformed, node, keyword,
                $"The reference '{reference}' leads nowhere{(isRemote ? ": no document of that address is registered, and none is ever fetched" : "")}.");
            return;
        }
        Note(node, keyword, KeywordTreatment.Enforced);
        if (keyword == "$ref")
        {
            node.Reference = NodeAt(target);
            return;
        }
        string name = keyword == "$recursiveRef" ? "" : reference[(reference.IndexOf('#') + 1)..];
        bool isDynamic = _index.IsDynamicAnchor(target, name) && (name.Length > 0 || keyword == "$recursiveRef");
        if (isDynamic) _dynamicNames.Add(name);
        node.DynamicReference = (NodeAt(target), isDynamic ? name : null);
    }

    /// <summary>Refuses chains of in-place schemas that come back to themselves, or are deeper than formulas may be.</summary>
    private void CheckInPlaceNesting()
    {
        const int Unknown = -1, OnThePath = 0;
        int[] depths = new int[_nodes.Count];
        Array.Fill(depths, Unknown);
        var path = new Stack<(SchemaNode Node, IEnumerator<SchemaNode> Kids, int Deepest)>();
        foreach (SchemaNode start in _nodes)
        {
            if (depths[start.Id] != Unknown) continue;
            if (!start.HasInPlace)
            {
                depths[start.Id] = 1;
                continue;
            }
            depths[start.Id] = OnThePath;
            path.Push((start, start.InPlace().GetEnumerator(), 0));
            while (path.TryPop(out (SchemaNode Node, IEnumerator<SchemaNode> Kids, int Deepest) top))
            {
                if (!top.Kids.MoveNext())
                {
                    depths[top.Node.Id] = top.Deepest + 1;
                    if (path.TryPop(out (SchemaNode Node, IEnumerator<SchemaNode> Kids, int Deepest) above))
                    {
                        path.Push(above with { Deepest = Math.Max(above.Deepest, top.Deepest + 1) });
                    }
                    if (top.Deepest + 1 <= InPlaceDepthMax) continue;
                    Reject(SchemaRejectionKind.TooLarge, top.Node, "", $"More than {InPlaceDepthMax} schemas within one another apply to one value.");
                    return;
                }
                SchemaNode next = top.Kids.Current;
                int known = depths[next.Id];
                if (known == Unknown)
                {
                    path.Push(top);
                    depths[next.Id] = OnThePath;
                    path.Push((next, next.InPlace().GetEnumerator(), 0));
                }
                else if (known == OnThePath)
                {
                    Reject(SchemaRejectionKind.Unsatisfiable, next, "", "The schema refers to itself without reading anything: no value can be checked against it.");
                    return;
                }
                else
                {
                    path.Push(top with { Deepest = Math.Max(top.Deepest, known) });
                }
            }
        }
    }

}
