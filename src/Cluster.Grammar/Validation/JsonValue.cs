using System.Runtime.CompilerServices;

namespace Cluster.Grammar.Validation;

internal enum JsonKind { Null, Boolean, Number, String, Array, Object }

/// <param name="Name">The key, unescaped.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct JsonMember(string Name, JsonValue Value);

/// <summary>A parsed JSON value: immutable, numbers exact, strings unescaped. A node's identity is its place in the text.</summary>
internal sealed class JsonValue
{
    private const int IndexedFrom = 8;
    private readonly Dictionary<string, JsonValue>? _byName;

    private JsonValue(JsonKind kind) => Kind = kind;

    private JsonValue(JsonMember[] members)
    {
        Kind = JsonKind.Object;
        Members = members;
        if (members.Length < IndexedFrom) return;
        _byName = new Dictionary<string, JsonValue>(members.Length, StringComparer.Ordinal);
        foreach (var member in members) _byName[member.Name] = member.Value;
    }

    public JsonKind Kind { get; }

    public bool Boolean { get; private init; }

    public JsonNumber Number { get; private init; }

    public string Text { get; private init; } = "";

    public JsonValue[] Items { get; private init; } = [];

    public JsonMember[] Members { get; } = [];

    public static JsonValue Null() => new(JsonKind.Null);

    public static JsonValue Of(bool value) => new(JsonKind.Boolean) { Boolean = value };

    public static JsonValue Of(JsonNumber value) => new(JsonKind.Number) { Number = value };

    public static JsonValue Of(string value) => new(JsonKind.String) { Text = value };

    public static JsonValue Of(JsonValue[] items) => new(JsonKind.Array) { Items = items };

    /// <param name="members">Without duplicate names.</param>
    public static JsonValue Of(JsonMember[] members) => new(members);

    /// <summary>The member's value; null if the object lacks it or this is no object.</summary>
    public JsonValue? Get(string name)
    {
        if (_byName is not null) return _byName.GetValueOrDefault(name);
        foreach (var member in Members)
        {
            if (member.Name == name) return member.Value;
        }
        return null;
    }

    /// <summary>Equality by value, as <c>enum</c>, <c>const</c> and <c>uniqueItems</c> mean it: key order does not count.</summary>
    public bool DeepEquals(JsonValue other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (Kind != other.Kind) return false;
        LimitException.ThrowIfStackIsShort();
        return Kind switch
        {
            JsonKind.Null => true,
            JsonKind.Boolean => Boolean == other.Boolean,
            JsonKind.Number => Number.Equals(other.Number),
            JsonKind.String => Text == other.Text,
            JsonKind.Array => Items.Length == other.Items.Length && Items.Zip(other.Items).All(pair => pair.First.DeepEquals(pair.Second)),
            _ => Members.Length == other.Members.Length
                && Members.All(member => other.Get(member.Name) is { } value && member.Value.DeepEquals(value)),
        };
    }

    /// <summary>Equal values have equal hashes.</summary>
    public int DeepHash()
    {
        LimitException.ThrowIfStackIsShort();
        int hash = (int)Kind;
        switch (Kind)
        {
            case JsonKind.Boolean: return Boolean ? 101 : 102;
            case JsonKind.Number: return Number.GetHashCode();
            case JsonKind.String: return Text.GetHashCode(StringComparison.Ordinal);
            case JsonKind.Array:
                foreach (var item in Items) hash = HashCode.Combine(hash, item.DeepHash());
                return hash;
            case JsonKind.Object:
                // Addition, because the order of keys does not count.
                foreach (var member in Members)
                {
                    hash += HashCode.Combine(member.Name.GetHashCode(StringComparison.Ordinal), member.Value.DeepHash());
                }
                return hash;
            default: return hash;
        }
    }
}

/// <summary>Compares JSON values by value, for sets.</summary>
internal sealed class DeepComparer : IEqualityComparer<JsonValue>
{
    public static readonly DeepComparer Instance = new();

    public bool Equals(JsonValue? x, JsonValue? y) => ReferenceEquals(x, y) || (x is not null && y is not null && x.DeepEquals(y));

    public int GetHashCode(JsonValue value) => value.DeepHash();
}

/// <summary>Compares JSON values by their place in a text.</summary>
internal sealed class PlaceComparer : IEqualityComparer<JsonValue>
{
    public static readonly PlaceComparer Instance = new();

    public bool Equals(JsonValue? x, JsonValue? y) => ReferenceEquals(x, y);

    public int GetHashCode(JsonValue value) => RuntimeHelpers.GetHashCode(value);
}
