using System.Text.Json;

namespace Cluster.Grammar.Schema;

/// <summary>Documents that a <c>$ref</c> may lead to besides the schema itself, parsed when first met. Nothing is ever fetched.</summary>
internal sealed class SchemaRegistry(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> documents)
{
    private readonly Dictionary<string, JsonElement> _parsed = new(StringComparer.Ordinal);

    /// <summary>The root of a registered document; false when there is none, or it is not JSON.</summary>
    public bool TryGet(string uri, out JsonElement root)
    {
        if (_parsed.TryGetValue(uri, out root)) return true;
        if (!documents.TryGetValue(uri, out ReadOnlyMemory<byte> text)) return false;
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
