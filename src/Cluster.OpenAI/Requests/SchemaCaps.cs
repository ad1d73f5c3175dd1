using System.Text;
using System.Text.Json;
using Cluster.OpenAI.Errors;

namespace Cluster.OpenAI.Requests;

/// <summary>The endpoint's caps on a schema's size and shape, checked before anything is compiled.</summary>
/// <remarks>
/// A walk with its own stack: a subschema is reached through keywords that hold schemas; what stands under <c>const</c>, <c>enum</c>,
/// <c>default</c> and <c>examples</c> is data and not counted. References are not followed: recursion is not unrolled.
/// </remarks>
public static class SchemaCaps
{
    private static readonly HashSet<string> MapKeywords =
        new(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"], StringComparer.Ordinal);

    private static readonly HashSet<string> SteppingKeywords =
        new(["properties", "patternProperties", "additionalProperties", "items", "prefixItems", "additionalItems", "unevaluatedItems", "unevaluatedProperties", "contains"],
            StringComparer.Ordinal);

    private static readonly HashSet<string> DataKeywords = new(["const", "enum", "default", "examples", "required"], StringComparer.Ordinal);

    /// <param name="schema">The schema.</param>
    /// <param name="options">The caps.</param>
    /// <param name="param">The request field, for errors.</param>
    /// <param name="what">How a message names it.</param>
    /// <exception cref="ApiException">A cap is exceeded.</exception>
    public static void Check(JsonElement schema, OpenAIOptions options, string param, string what = "The schema")
    {
        int bytes = Encoding.UTF8.GetByteCount(schema.GetRawText());
        if (bytes > options.SchemaBytesMax) throw TooLarge(param, "", "", $"{what} has {bytes} bytes; at most {options.SchemaBytesMax} are allowed.");
        UniqueNames.Check(schema, param, what);
        var open = new Stack<(JsonElement Schema, int Depth, string Pointer)>();
        open.Push((schema, 1, ""));
        while (open.TryPop(out var next))
        {
            if (next.Depth > options.SchemaDepthMax)
            {
                string message = $"{what} nests deeper than {options.SchemaDepthMax} levels.";
                throw new ApiException(ApiError.Invalid(param, $"{message} First at '{next.Pointer}'.", "response_format_too_deep") with
                {
                    Details = [new ApiErrorDetail(next.Pointer, "", message)],
                });
            }
            if (next.Schema.ValueKind != JsonValueKind.Object) continue;
            foreach (JsonProperty keyword in next.Schema.EnumerateObject()) CheckKeyword(keyword, next.Depth, next.Pointer, options, param, what, open);
        }
    }

    private static void CheckKeyword(
        JsonProperty keyword, int depth, string pointer, OpenAIOptions options, string param, string what, Stack<(JsonElement, int, string)> open)
    {
        string here = $"{pointer}/{Escape(keyword.Name)}";
        if (keyword is { Name: "enum", Value.ValueKind: JsonValueKind.Array } && keyword.Value.GetArrayLength() > options.SchemaEnumValuesMax)
        {
            throw TooLarge(param, here, "enum", $"{what}: an enum has {keyword.Value.GetArrayLength()} values; at most {options.SchemaEnumValuesMax} are allowed.");
        }
        if (DataKeywords.Contains(keyword.Name)) return;
        int below = depth + (SteppingKeywords.Contains(keyword.Name) ? 1 : 0);
        if (keyword.Value.ValueKind == JsonValueKind.Array)
        {
            int index = 0;
            foreach (JsonElement item in keyword.Value.EnumerateArray()) open.Push((item, below, $"{here}/{index++}"));
        }
        else if (keyword.Value.ValueKind == JsonValueKind.Object && MapKeywords.Contains(keyword.Name))
        {
            int count = 0;
            foreach (JsonProperty member in keyword.Value.EnumerateObject())
            {
                count++;
                open.Push((member.Value, below, $"{here}/{Escape(member.Name)}"));
            }
            if (keyword.Name == "properties" && count > options.SchemaPropertiesMax)
            {
                throw TooLarge(param, here, "properties", $"{what}: an object has {count} properties; at most {options.SchemaPropertiesMax} are allowed.");
            }
        }
        else if (keyword.Value.ValueKind == JsonValueKind.Object)
        {
            open.Push((keyword.Value, below, here));
        }
    }

    private static string Escape(string name)
        => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static ApiException TooLarge(string param, string pointer, string keyword, string message)
        => new(ApiError.Invalid(param, message, "response_format_too_large") with { Details = [new ApiErrorDetail(pointer, keyword, message)] });
}
