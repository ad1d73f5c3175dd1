using System.Text.Json;
using Cluster.Grammar;

namespace Cluster.OpenAI.Requests;

/// <summary>
/// What the answer must be: <c>response_format</c>, or, for those who come from vLLM, <c>structured_outputs</c> or one of the older
/// <c>guided_*</c> fields. At most one of them.
/// </summary>
public static class ConstraintReader
{
    private const int ChoicesMax = 10_000;

    public static ResponseFormat Read(RequestObject body, GrammarOptions grammar, OpenAIOptions options)
    {
        var read = new List<(string Name, ResponseFormat Format)>();
        void Add(string name, ResponseFormat? format)
        {
            if (format is not null) read.Add((name, format));
        }

        Add("response_format", body.Object("response_format") is { } format ? ResponseFormatReader.Read(format, grammar, options) : null);
        if (body.Object("structured_outputs") is { } block)
        {
            ReadAll(block, "", grammar, options, Add);
            Add(block.PathOf("structural_tag"), ReadTag(block, "structural_tag", grammar, options));
            if (block.Boolean("json_object") is true) Add(block.PathOf("json_object"), ResponseFormatReader.JsonObject(grammar));
            block.Accept("disable_fallback", "disable_any_whitespace", "disable_additional_properties", "whitespace_pattern");
            block.RefuseUnknown();
        }
        ReadAll(body, "guided_", grammar, options, Add);
        body.Accept("guided_decoding_backend");
        body.Refuse("guided_whitespace_pattern");
        read.RemoveAll(one => one.Format.Grammar is null && read.Count > 1);
        return read.Count switch
        {
            0 => ResponseFormat.Text,
            1 => read[0].Format,
            _ => throw RequestObject.Invalid(read[1].Name, $"Only one constraint can apply: '{read[0].Name}' or '{read[1].Name}'."),
        };
    }

    private static void ReadAll(RequestObject from, string prefix, GrammarOptions grammar, OpenAIOptions options, Action<string, ResponseFormat?> add)
    {
        add(from.PathOf($"{prefix}json"), ReadSchema(from, $"{prefix}json", grammar, options));
        add(from.PathOf($"{prefix}regex"), ReadText(from, $"{prefix}regex", GrammarKind.Regex, grammar, options));
        add(from.PathOf($"{prefix}grammar"), ReadText(from, $"{prefix}grammar", GrammarKind.Lark, grammar, options));
        add(from.PathOf($"{prefix}choice"), ReadChoice(from, $"{prefix}choice", grammar, options));
    }

    /// <summary>A schema, as itself or as its text.</summary>
    private static ResponseFormat? ReadSchema(RequestObject from, string name, GrammarOptions grammar, OpenAIOptions options)
    {
        if (from.Any(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.String) return ResponseFormatReader.Schema(value, from.PathOf(name), null, isStrict: true, grammar, options);
        try
        {
            using JsonDocument parsed = JsonDocument.Parse(RequestObject.ReadString(value, from.PathOf(name)), new JsonDocumentOptions { MaxDepth = options.BodyDepthMax });
            WellFormedText.Check(parsed.RootElement, from.PathOf(name));
            return ResponseFormatReader.Schema(parsed.RootElement, from.PathOf(name), null, isStrict: true, grammar, options);
        }
        catch (JsonException)
        {
            throw RequestObject.WrongType(from.PathOf(name), "a JSON Schema, as itself or as its text");
        }
    }

    /// <summary>A structural tag, as itself or as its text.</summary>
    private static ResponseFormat? ReadTag(RequestObject from, string name, GrammarOptions grammar, OpenAIOptions options)
    {
        if (from.Any(name) is not { } value) return null;
        string text = value.ValueKind == JsonValueKind.String ? RequestObject.ReadString(value, from.PathOf(name)) : value.GetRawText();
        if (value.ValueKind != JsonValueKind.String) UniqueNames.Check(value, from.PathOf(name), "The structural tag");
        return text.Length <= options.SchemaBytesMax
            ? new ResponseFormat(new GrammarSpec(GrammarKind.StructuralTag, text, grammar), true, null) { Param = from.PathOf(name) }
            : throw ResponseFormatReader.TooLarge(from.PathOf(name), $"'{from.PathOf(name)}' has {text.Length} characters; at most {options.SchemaBytesMax} are allowed.");
    }

    private static ResponseFormat? ReadText(RequestObject from, string name, GrammarKind kind, GrammarOptions grammar, OpenAIOptions options)
    {
        if (from.String(name) is not { } text) return null;
        return text.Length <= options.SchemaBytesMax
            ? new ResponseFormat(new GrammarSpec(kind, text, grammar), true, null) { Param = from.PathOf(name) }
            : throw ResponseFormatReader.TooLarge(from.PathOf(name), $"'{from.PathOf(name)}' has {text.Length} characters; at most {options.SchemaBytesMax} are allowed.");
    }

    private static ResponseFormat? ReadChoice(RequestObject from, string name, GrammarOptions grammar, OpenAIOptions options)
    {
        if (from.Array(name, ChoicesMax) is not { } items) return null;
        string[] choices = [.. items.Select(item => RequestObject.ReadString(item.Item, item.Path))];
        if (choices.Length == 0) throw RequestObject.OutOfRange(from.PathOf(name), "at least one string");
        string text = JsonSerializer.Serialize(choices);
        return text.Length <= options.SchemaBytesMax
            ? new ResponseFormat(new GrammarSpec(GrammarKind.Choice, text, grammar), true, null) { Param = from.PathOf(name) }
            : throw ResponseFormatReader.TooLarge(from.PathOf(name), $"'{from.PathOf(name)}' has {text.Length} characters; at most {options.SchemaBytesMax} are allowed.");
    }
}
