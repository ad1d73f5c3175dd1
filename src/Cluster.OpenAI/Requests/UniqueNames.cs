using System.Text.Json;
using Cluster.OpenAI.Errors;

namespace Cluster.OpenAI.Requests;

/// <summary>
/// Refuses a schema in which an object has two members of one name. What it means differs from reader to reader (the first counts, the
/// last, or both), so that no answer would be right for everybody; JSON Schema leaves it undefined.
/// </summary>
internal static class UniqueNames
{
    /// <param name="root">The schema; its data (<c>const</c>, <c>default</c>) counts too.</param>
    /// <param name="param">The request field, for errors.</param>
    /// <param name="what">How a message names it.</param>
    /// <exception cref="ApiException">400, with the name that is there twice.</exception>
    public static void Check(JsonElement root, string param, string what)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<JsonElement>();
        open.Push(root);
        while (open.TryPop(out JsonElement next))
        {
            if (next.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement item in next.EnumerateArray()) open.Push(item);
            }
            if (next.ValueKind != JsonValueKind.Object) continue;
            names.Clear();
            foreach (JsonProperty member in next.EnumerateObject())
            {
                if (!names.Add(member.Name)) throw RequestObject.Invalid(param, $"{what} has two members named '{member.Name}' in one object.");
                if (member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array) open.Push(member.Value);
            }
        }
    }
}
