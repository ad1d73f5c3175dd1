using System.Globalization;
using System.Text.Json;

namespace Cluster.Grammar.Schema;

/// <summary>RFC 6901 pointers over <see cref="JsonElement"/>s.</summary>
internal static class JsonPointers
{
    public static string Append(string pointer, string token)
        => string.Concat(pointer, "/", Escaped(token));

    /// <summary>A token as it stands in a pointer.</summary>
    public static string Escaped(string token)
        => token.AsSpan().IndexOfAny('~', '/') < 0 ? token : token.Replace("~", "~0").Replace("/", "~1");

    /// <summary>Tokens of a pointer; null when it is not one.</summary>
    public static string[]? Split(string pointer)
    {
        if (pointer.Length == 0) return [];
        if (pointer[0] != '/') return null;
        string[] tokens = pointer[1..].Split('/');
        for (int i = 0; i < tokens.Length; i++) tokens[i] = tokens[i].Replace("~1", "/").Replace("~0", "~");
        return tokens;
    }

    /// <summary>One step down; false when there is nothing.</summary>
    public static bool TryStep(JsonElement element, string token, out JsonElement child)
    {
        if (element.ValueKind == JsonValueKind.Object) return element.TryGetProperty(token, out child);
        child = default;
        if (element.ValueKind != JsonValueKind.Array || token.Length > 1 && token[0] == '0') return false;
        if (!int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out int index) || index >= element.GetArrayLength())
        {
            return false;
        }
        child = element[index];
        return true;
    }
}
