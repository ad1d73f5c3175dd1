using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

    /// <summary>Nodes read so far, by <see cref="OffsetOf"/>.</summary>
    public Dictionary<int, SchemaNode> Nodes { get; } = [];

    /// <summary>Where a value of the document begins in its text, in bytes: what tells places apart.</summary>
    public int OffsetOf(JsonElement element)
    {
        ref byte first = ref MemoryMarshal.GetReference(JsonMarshal.GetRawUtf8Value(Root));
        return (int)Unsafe.ByteOffset(ref first, ref MemoryMarshal.GetReference(JsonMarshal.GetRawUtf8Value(element)));
    }
}

/// <summary>One schema in a document, with what it inherits from above.</summary>
/// <param name="Document">Where it stands.</param>
/// <param name="Path">Path from the document's root; null for the root itself.</param>
/// <param name="Element">Its JSON.</param>
/// <param name="Base">URI of its schema resource, against which its references are resolved.</param>
/// <param name="Dialect">Dialect of its schema resource.</param>
internal readonly record struct SchemaPlace(SchemaDocument Document, SchemaPath? Path, JsonElement Element, string Base, Dialect Dialect)
{
    /// <summary>Where its text begins in the document, in bytes.</summary>
    public int Offset => Document.OffsetOf(Element);

    /// <summary>The place one step below: a keyword's value, or a member's.</summary>
    public SchemaPlace Down(string token, JsonElement element) => Down(new SchemaPath(Path, token), element);

    public SchemaPlace Down(string keyword, string token, JsonElement element) => Down(new SchemaPath(Path, keyword, token), element);

    public SchemaPlace Down(string keyword, int index, JsonElement element) => Down(new SchemaPath(Path, keyword, null, index), element);

    private SchemaPlace Down(SchemaPath path, JsonElement element) => SchemaIndex.Enter(new SchemaPlace(Document, path, element, Base, Dialect));
}
