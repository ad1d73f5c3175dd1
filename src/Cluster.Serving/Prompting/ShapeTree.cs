using System.Text;
using System.Text.Json;

namespace Cluster.Serving.Prompting;

/// <summary>
/// A schema as plain ordered dictionaries and lists, so that <c>allOf</c> can be merged without touching the document.
/// Scalars stay <see cref="JsonElement"/>s (numbers are written as they stand).
/// </summary>
internal static class ShapeTree
{
    public static object? FromJson(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new OrderedDictionary<string, object?>(StringComparer.Ordinal);
                foreach (JsonProperty property in element.EnumerateObject()) members[property.Name] = FromJson(property.Value);
                return members;
            case JsonValueKind.Array:
                var items = new List<object?>();
                foreach (JsonElement item in element.EnumerateArray()) items.Add(FromJson(item));
                return items;
            default:
                return element.Clone();
        }
    }

    public static string? AsString(object? value) => value is JsonElement { ValueKind: JsonValueKind.String } element ? element.GetString() : null;

    /// <summary>A local JSON Pointer (<c>#</c> or <c>#/…</c>); anything else, and anything missing, gives null.</summary>
    public static object? Resolve(object? root, string pointer)
    {
        if (pointer == "#") return root;
        if (!pointer.StartsWith("#/", StringComparison.Ordinal)) return null;
        object? node = root;
        foreach (string part in pointer[2..].Split('/'))
        {
            string key = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (node is not OrderedDictionary<string, object?> members || !members.TryGetValue(key, out node)) return null;
        }
        return node;
    }

    /// <summary>Compact JSON; beyond ASCII as it is, only quotes, backslashes and control characters escaped.</summary>
    public static void WriteJson(object? value, StringBuilder text)
    {
        switch (value)
        {
            case OrderedDictionary<string, object?> members:
                text.Append('{');
                foreach ((string key, object? member) in members)
                {
                    if (text[^1] != '{') text.Append(',');
                    WriteString(key, text);
                    text.Append(':');
                    WriteJson(member, text);
                }
                text.Append('}');
                break;
            case List<object?> items:
                text.Append('[');
                for (int i = 0; i < items.Count; i++)
                {
                    if (i > 0) text.Append(',');
                    WriteJson(items[i], text);
                }
                text.Append(']');
                break;
            case JsonElement { ValueKind: JsonValueKind.String } element:
                WriteString(element.GetString()!, text);
                break;
            case JsonElement element:
                text.Append(element.GetRawText());
                break;
        }
    }

    public static void WriteString(string value, StringBuilder text)
    {
        text.Append('"');
        foreach (char c in value)
        {
            switch (c)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\b': text.Append("\\b"); break;
                case '\f': text.Append("\\f"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case < ' ': text.Append($"\\u{(int)c:x4}"); break;
                default: text.Append(c); break;
            }
        }
        text.Append('"');
    }
}
