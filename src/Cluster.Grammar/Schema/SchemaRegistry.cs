using System.Text.Json;
using Cluster.Grammar.Validation;

namespace Cluster.Grammar.Schema;

/// <summary>Documents that a <c>$ref</c> may lead to besides the schema itself and the published meta-schemas, parsed when first met. Nothing is ever fetched.</summary>
internal sealed class SchemaRegistry(IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? documents)
{
    private readonly Dictionary<string, JsonElement> _parsed = new(StringComparer.Ordinal);

    /// <summary>The root of a registered document; false when there is none, or it is not JSON.</summary>
    public bool TryGet(string uri, out JsonElement root)
    {
        if (_parsed.TryGetValue(uri, out root)) return true;
        ReadOnlyMemory<byte> text;
        if (documents is not null && documents.TryGetValue(uri, out ReadOnlyMemory<byte> registered)) text = registered;
        else if (MetaSchemas.Find(uri) is { } published) text = published;
        else return false;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            _parsed[uri] = root = document.RootElement.Clone();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
