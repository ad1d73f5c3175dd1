using System.Text.Json;
using Cluster.Grammar;

namespace Cluster.OpenAI.Requests;

/// <summary>What <c>response_format</c> asks for.</summary>
/// <param name="Grammar">The constraint; null for text.</param>
/// <param name="IsStrict">Whether a keyword that cannot be enforced is a refusal.</param>
/// <param name="Name">The schema's name, for metrics.</param>
public sealed record ResponseFormat(GrammarSpec? Grammar, bool IsStrict, string? Name)
{
    public static ResponseFormat Text { get; } = new(null, false, null);
}

/// <summary>Reads <c>response_format</c>: text, json_object or json_schema.</summary>
public static class ResponseFormatReader
{
    private const int NameCharactersMax = 64;

    public static ResponseFormat Read(RequestObject? format, GrammarOptions grammarOptions, OpenAIOptions options)
    {
        if (format is null) return ResponseFormat.Text;
        string type = format.RequiredString("type");
        ResponseFormat read = type switch
        {
            "text" => ResponseFormat.Text,
            "json_object" => new ResponseFormat(new GrammarSpec(GrammarKind.JsonObject, "", grammarOptions), true, null),
            "json_schema" => ReadJsonSchema(format.Object("json_schema"), format, grammarOptions, options),
            _ => throw RequestObject.OutOfRange(format.PathOf("type"), "'text', 'json_object' or 'json_schema'"),
        };
        format.RefuseUnknown();
        return read;
    }

    private static ResponseFormat ReadJsonSchema(RequestObject? block, RequestObject format, GrammarOptions grammarOptions, OpenAIOptions options)
    {
        if (block is null) throw RequestObject.Invalid(format.PathOf("json_schema"), $"Missing required parameter: '{format.PathOf("json_schema")}'.");
        string name = block.RequiredString("name");
        if (name.Length is 0 or > NameCharactersMax || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            throw RequestObject.Invalid(block.PathOf("name"), $"Invalid '{block.PathOf("name")}': 1 to {NameCharactersMax} of the characters A-Z, a-z, 0-9, '_' and '-'.");
        }
        block.String("description");
        bool isStrict = block.Boolean("strict") ?? false;
        JsonElement schema = block.Any("schema")
            ?? throw RequestObject.Invalid(block.PathOf("schema"), $"Missing required parameter: '{block.PathOf("schema")}'.");
        if (schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
        {
            throw RequestObject.WrongType(block.PathOf("schema"), "a JSON Schema (an object or a boolean)");
        }
        block.RefuseUnknown();
        SchemaCaps.Check(schema, options, "response_format");
        return new ResponseFormat(new GrammarSpec(GrammarKind.JsonSchema, schema.GetRawText(), grammarOptions), isStrict, name);
    }
}
