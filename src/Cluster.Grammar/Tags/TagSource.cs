using System.Text;
using System.Text.Json;

namespace Cluster.Grammar.Tags;

/// <summary>A place in the JSON of a structural tag: reads members, and refuses with the pointer what is missing, of the wrong type or not known.</summary>
internal sealed class TagSource
{
    private readonly JsonElement _element;
    private readonly HashSet<string> _read = [];

    public TagSource(JsonElement element, string pointer)
    {
        Pointer = pointer;
        if (element.ValueKind != JsonValueKind.Object) throw Malformed("", "an object is expected here");
        _element = element;
    }

    public string Pointer { get; }

    public bool Has(string name) => _element.TryGetProperty(name, out _);

    public JsonElement Required(string name) => Optional(name) ?? throw Malformed(name, $"'{name}' is missing");

    public JsonElement? Optional(string name)
    {
        _read.Add(name);
        return _element.TryGetProperty(name, out JsonElement value) ? value : null;
    }

    public string Text(string name)
    {
        JsonElement value = Required(name);
        if (value.ValueKind != JsonValueKind.String) throw Malformed(name, $"'{name}' must be a string");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Malformed(name, $"'{name}' holds a lone surrogate");
        }
    }

    public byte[] Bytes(string name, bool isRequired = true)
    {
        byte[] bytes = !isRequired && !Has(name) ? [] : Encoding.UTF8.GetBytes(Text(name));
        if (bytes.Length > TagReader.LiteralBytesMax) throw TooLarge(name, $"'{name}' has more than {TagReader.LiteralBytesMax} bytes");
        return bytes;
    }

    public bool Flag(string name) => Optional(name)?.ValueKind switch
    {
        null or JsonValueKind.False or JsonValueKind.Null => false,
        JsonValueKind.True => true,
        _ => throw Malformed(name, $"'{name}' must be true or false"),
    };

    public TagSource Object(string name) => new(Required(name), PointerOf(name));

    public IEnumerable<(JsonElement Value, string Pointer)> Items(string name, int countMax)
    {
        JsonElement value = Required(name);
        if (value.ValueKind != JsonValueKind.Array) throw Malformed(name, $"'{name}' must be an array");
        if (value.GetArrayLength() == 0) throw Malformed(name, $"'{name}' is empty");
        if (value.GetArrayLength() > countMax) throw TooLarge(name, $"'{name}' has more than {countMax} items");
        return value.EnumerateArray().Select((x, i) => (x, $"{PointerOf(name)}/{i}"));
    }

    public string PointerOf(string name) => $"{Pointer}/{name}";

    /// <summary>Nothing is ignored in silence.</summary>
    public void RefuseUnread()
    {
        foreach (JsonProperty member in _element.EnumerateObject())
        {
            if (!_read.Contains(member.Name))
            {
                throw new TagRefusalException(SchemaRejectionKind.UnsupportedKeyword, PointerOf(member.Name), member.Name, $"The structural tag: '{member.Name}' is not supported.");
            }
        }
    }

    public TagRefusalException Malformed(string name, string what)
        => new(SchemaRejectionKind.Malformed, name.Length == 0 ? Pointer : PointerOf(name), name, $"The structural tag: {what}.");

    public TagRefusalException TooLarge(string name, string what) => new(SchemaRejectionKind.TooLarge, PointerOf(name), name, $"The structural tag: {what}.");
}
