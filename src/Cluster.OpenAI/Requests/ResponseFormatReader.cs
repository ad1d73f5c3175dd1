using System.Text.Json;
using Cluster.Grammar;
using Cluster.OpenAI.Errors;
using Cluster.Serving.Tools;

namespace Cluster.OpenAI.Requests;

/// <summary>What the answer must be.</summary>
/// <param name="Grammar">The constraint; null for text.</param>
/// <param name="IsStrict">Whether a keyword that cannot be enforced is a refusal.</param>
/// <param name="Name">The schema's name, or null.</param>
public sealed record ResponseFormat(GrammarSpec? Grammar, bool IsStrict, string? Name)
{
    public static ResponseFormat Text { get; } = new(null, false, null);

    /// <summary>The field that asked for it.</summary>
    public string Param { get; init; } = "response_format";

    /// <summary>What the caller said that it is for; may guide the model.</summary>
    public string? Description { get; init; }

    /// <exception cref="ApiException">There are tools, whose calls a structural tag of the caller's own leaves no place for.</exception>
    public void AssertFits(ToolSet? tools)
    {
        if (tools is not null && Grammar?.Kind == GrammarKind.StructuralTag) throw RequestObject.Unsupported(Param, $"'{Param}' together with 'tools' is not supported by this server: the tag says what the whole answer is.");
    }
}

/// <summary>Reads <c>response_format</c> of chat completions and <c>text.format</c> of responses: text, json_object or json_schema.</summary>
public static class ResponseFormatReader
{
    private const int NameCharactersMax = 64;

    /// <param name="format">The object, or null.</param>
    /// <param name="isFlat">Whether name, schema and strict stand beside <c>type</c>, as in responses, or in a block of their own.</param>
    public static ResponseFormat Read(RequestObject? format, GrammarOptions grammarOptions, OpenAIOptions options, bool isFlat = false)
    {
        if (format is null) return ResponseFormat.Text;
        string type = format.RequiredString("type");
        ResponseFormat read = type switch
        {
            "text" => ResponseFormat.Text,
            "json_object" => format.Any("schema") is { } schema ? ObjectSchema(schema, format.PathOf("schema"), grammarOptions, options) : JsonObject(grammarOptions),
            "json_schema" => ReadJsonSchema(isFlat ? format : format.Object("json_schema"), format, grammarOptions, options),
            _ => throw RequestObject.OutOfRange(format.PathOf("type"), "'text', 'json_object' or 'json_schema'"),
        };
        format.RefuseUnknown();
        return read with { Param = format.Path };
    }

    public static ResponseFormat JsonObject(GrammarOptions grammarOptions) => new(new GrammarSpec(GrammarKind.JsonObject, "", grammarOptions), true, null);

    /// <summary>The schema that other servers' clients put beside <c>json_object</c>: an object still, and best effort.</summary>
    private static ResponseFormat ObjectSchema(JsonElement schema, string path, GrammarOptions grammarOptions, OpenAIOptions options)
    {
        if (schema.ValueKind != JsonValueKind.Object) throw RequestObject.WrongType(path, "a JSON Schema of an object");
        ResponseFormat read = Schema(schema, path, null, isStrict: false, grammarOptions, options);
        if (schema.TryGetProperty("type", out JsonElement type))
        {
            return type.ValueKind == JsonValueKind.String && type.ValueEquals("object") ? read : throw RequestObject.OutOfRange($"{path}.type", "'object'");
        }
        string comma = schema.EnumerateObject().Any() ? "," : "";
        return read with { Grammar = read.Grammar! with { Text = "{\"type\":\"object\"" + comma + read.Grammar.Text[1..] } };
    }

    /// <summary>A schema that stands at <paramref name="path"/>.</summary>
    /// <exception cref="ApiException">It is none, or past a cap.</exception>
    public static ResponseFormat Schema(JsonElement schema, string path, string? name, bool isStrict, GrammarOptions grammarOptions, OpenAIOptions options)
    {
        if (schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
        {
            throw RequestObject.WrongType(path, "a JSON Schema (an object or a boolean)");
        }
        SchemaCaps.Check(schema, options, path.Split('.')[0]);
        return new ResponseFormat(new GrammarSpec(GrammarKind.JsonSchema, schema.GetRawText(), grammarOptions), isStrict, name) { Param = path };
    }

    /// <summary>A name of a schema or of a tool.</summary>
    /// <exception cref="ApiException">It has other characters, or too many.</exception>
    public static string ReadName(RequestObject block)
    {
        string name = block.RequiredString("name");
        return name.Length is > 0 and <= NameCharactersMax && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
            ? name
            : throw RequestObject.Invalid(block.PathOf("name"), $"Invalid '{block.PathOf("name")}': 1 to {NameCharactersMax} of the characters A-Z, a-z, 0-9, '_' and '-'.");
    }

    public static ApiException TooLarge(string param, string message) => new(ApiError.Invalid(param, message, "response_format_too_large"));

    private static ResponseFormat ReadJsonSchema(RequestObject? block, RequestObject format, GrammarOptions grammarOptions, OpenAIOptions options)
    {
        if (block is null) throw RequestObject.Invalid(format.PathOf("json_schema"), $"Missing required parameter: '{format.PathOf("json_schema")}'.");
        string name = ReadName(block);
        string? description = block.String("description");
        bool isStrict = block.Boolean("strict") ?? false;
        JsonElement schema = block.Any("schema")
            ?? throw RequestObject.Invalid(block.PathOf("schema"), $"Missing required parameter: '{block.PathOf("schema")}'.");
        block.RefuseUnknown();
        return Schema(schema, block.PathOf("schema"), name, isStrict, grammarOptions, options) with { Description = description };
    }
}
