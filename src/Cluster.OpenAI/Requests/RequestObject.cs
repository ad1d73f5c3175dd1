using System.Text.Json;
using Cluster.OpenAI.Errors;

namespace Cluster.OpenAI.Requests;

/// <summary>What a server does with a field of a request.</summary>
public enum FieldTreatment { Honoured, WithoutEffect, Refused }

/// <summary>
/// Reads the members of one JSON object of a request with typed errors: each names the field by its full path. A member that is
/// <c>null</c> counts as absent, as in OpenAI's API; a member nobody asked for is refused at the end.
/// </summary>
public sealed class RequestObject
{
    private readonly Dictionary<string, JsonElement> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FieldTreatment> _fields = new(StringComparer.Ordinal);

    /// <param name="element">Must be an object.</param>
    /// <param name="path">Of the object, e.g. <c>response_format.json_schema</c>; empty for the body.</param>
    /// <exception cref="ApiException">Not an object.</exception>
    public RequestObject(JsonElement element, string path)
    {
        Path = path;
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Invalid(path.Length == 0 ? null : path, $"{Name(path)} must be a JSON object.");
        }
        foreach (JsonProperty member in element.EnumerateObject()) _members[member.Name] = member.Value;
    }

    public string Path { get; }

    /// <summary>What became of each member that was asked for, whether it was there or not.</summary>
    public IReadOnlyDictionary<string, FieldTreatment> Fields => _fields;

    /// <summary>Names of all members, in no particular order.</summary>
    public IReadOnlyCollection<string> Names => _members.Keys;

    public string PathOf(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    /// <summary>The member, or null if absent or <c>null</c>.</summary>
    public JsonElement? Any(string name)
    {
        _fields[name] = FieldTreatment.Honoured;
        return _members.TryGetValue(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    public string? String(string name) => Any(name) is { } value ? ReadString(value, PathOf(name)) : null;

    public string RequiredString(string name) => String(name) ?? throw Invalid(PathOf(name), $"Missing required parameter: '{PathOf(name)}'.");

    public bool? Boolean(string name) => Any(name) is not { } value ? null : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw WrongType(PathOf(name), "a boolean"),
    };

    public double? Number(string name, double min, double max)
    {
        if (Any(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number)) throw WrongType(PathOf(name), "a number");
        return number >= min && number <= max ? number : throw OutOfRange(PathOf(name), $"between {min} and {max}");
    }

    public long? Integer(string name, long min, long max)
    {
        if (Any(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Number) throw WrongType(PathOf(name), "an integer");
        if (!value.TryGetInt64(out long number))
        {
            bool isWhole = value.TryGetDouble(out double real) && Math.Abs(real) < 1L << 53 && Math.Floor(real) == real;
            if (!isWhole) throw WrongType(PathOf(name), "an integer");
            number = (long)real;
        }
        return number >= min && number <= max ? number : throw OutOfRange(PathOf(name), $"between {min} and {max}");
    }

    public RequestObject? Object(string name) => Any(name) is { } value ? new RequestObject(value, PathOf(name)) : null;

    /// <summary>Items of an array member with their paths; null if absent.</summary>
    public IEnumerable<(JsonElement Item, string Path)>? Array(string name, int itemsMax)
    {
        if (Any(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array) throw WrongType(PathOf(name), "an array");
        return value.GetArrayLength() > itemsMax
            ? throw OutOfRange(PathOf(name), $"at most {itemsMax} items")
            : value.EnumerateArray().Select((item, index) => (item, $"{PathOf(name)}[{index}]"));
    }

    /// <summary>Notes members as known without reading them.</summary>
    public void Accept(params ReadOnlySpan<string> names)
    {
        foreach (string name in names) _fields[name] = FieldTreatment.WithoutEffect;
    }

    /// <summary>Refuses members that this server cannot honour.</summary>
    /// <exception cref="ApiException">One of them is there.</exception>
    public void Refuse(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (Any(name) is not null) throw Unsupported(PathOf(name), $"'{PathOf(name)}' is not supported by this server.");
            _fields[name] = FieldTreatment.Refused;
        }
    }

    /// <exception cref="ApiException">A member is there that nothing has asked for.</exception>
    public void RefuseUnknown()
    {
        foreach (string name in _members.Keys)
        {
            if (!_fields.ContainsKey(name)) throw new ApiException(ApiError.Invalid(PathOf(name), $"Unknown parameter: '{PathOf(name)}'.", "unknown_parameter"));
        }
    }

    public static string ReadString(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.String) throw WrongType(path, "a string");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Invalid(path, $"'{path}' is not well-formed Unicode.");
        }
    }

    public static ApiException WrongType(string path, string expected) => Invalid(path, $"Invalid type for '{path}': expected {expected}.");

    public static ApiException OutOfRange(string path, string expected) => Invalid(path, $"Invalid value for '{path}': expected {expected}.");

    public static ApiException Invalid(string? path, string message) => new(ApiError.Invalid(path, message));

    public static ApiException Unsupported(string? path, string message) => new(ApiError.Invalid(path, message, "unsupported_parameter"));

    private static string Name(string path) => path.Length == 0 ? "The request body" : $"'{path}'";
}
