using System.Text.Json;

namespace Cluster.Grammar.Schema;

/// <summary>A JSON text that holds schemas: the caller's, or a registered one.</summary>
/// <param name="Uri">Its address, without fragment.</param>
/// <param name="Root">Its text, parsed.</param>
/// <param name="Dialect">The dialect of its root.</param>
internal sealed record SchemaDocument(string Uri, JsonElement Root, Dialect Dialect)
{
    /// <summary>Some schema below the root may have an identifier or an anchor. Most documents have none, and are then not searched for them.</summary>
    public bool HasNames { get; } = NameSearch.MayHaveNames(Root, Dialect);

    /// <summary>Nodes read so far, by pointer.</summary>
    public Dictionary<string, SchemaNode> Nodes { get; } = new(StringComparer.Ordinal);
}

/// <summary>One schema in a document, with what it inherits from above.</summary>
/// <param name="Document">Where it stands.</param>
/// <param name="Pointer">Path from the document's root (RFC 6901).</param>
/// <param name="Element">Its JSON.</param>
/// <param name="Base">URI of its schema resource, against which its references are resolved.</param>
/// <param name="Dialect">Dialect of its schema resource.</param>
internal readonly record struct SchemaPlace(SchemaDocument Document, string Pointer, JsonElement Element, string Base, Dialect Dialect)
{
    /// <summary>The place one step below: a keyword's value, or a member's.</summary>
    public SchemaPlace Down(string token, JsonElement element)
        => SchemaIndex.Enter(this with { Pointer = JsonPointers.Append(Pointer, token), Element = element });

    public SchemaPlace Down(string keyword, string token, JsonElement element)
        => SchemaIndex.Enter(this with { Pointer = JsonPointers.Append(Pointer, keyword, token), Element = element });

    public SchemaPlace Down(string keyword, int index, JsonElement element)
        => SchemaIndex.Enter(this with { Pointer = JsonPointers.Append(JsonPointers.Append(Pointer, keyword), index), Element = element });
}
