using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Cluster.OpenAI.Errors;

namespace Cluster.OpenAI.Requests;

/// <summary>
/// Refuses text that is no Unicode: broken UTF-8, and escapes of half a character (<c>\ud800</c>). A JSON reader lets both pass until somebody
/// asks for the string; here nobody behind the door has to think of them.
/// </summary>
internal static class WellFormedText
{
    /// <param name="root">What was read.</param>
    /// <param name="path">Where it stands, for errors.</param>
    /// <exception cref="ApiException">400, with the path of the first such text.</exception>
    public static void Check(JsonElement root, string path)
    {
        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8Value(root);
        if (!Utf8.IsValid(raw)) throw RequestObject.Invalid(path.Length == 0 ? null : path, "The request body is not well-formed UTF-8.");

        // Escapes of halves are rare: only where there is one, all strings are read.
        if (raw.IndexOf("\\ud"u8) < 0 && raw.IndexOf("\\uD"u8) < 0) return;
        var open = new Stack<(JsonElement Element, string Path)>();
        open.Push((root, path));
        while (open.TryPop(out (JsonElement Element, string Path) next))
        {
            if (next.Element.ValueKind == JsonValueKind.String) RequestObject.ReadString(next.Element, next.Path);
            else if (next.Element.ValueKind == JsonValueKind.Array) PushItems(next.Element, next.Path, open);
            else if (next.Element.ValueKind == JsonValueKind.Object) PushMembers(next.Element, next.Path, open);
        }
    }

    private static void PushItems(JsonElement array, string path, Stack<(JsonElement, string)> open)
    {
        int index = 0;
        foreach (JsonElement item in array.EnumerateArray()) open.Push((item, $"{path}[{index++}]"));
    }

    private static void PushMembers(JsonElement one, string path, Stack<(JsonElement, string)> open)
    {
        try
        {
            foreach (JsonProperty member in one.EnumerateObject()) open.Push((member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}"));
        }
        catch (InvalidOperationException)
        {
            throw RequestObject.Invalid(path.Length == 0 ? null : path, "The name of a member is not well-formed Unicode.");
        }
    }
}
