using System.Collections.Immutable;
using System.Text;
using Members = System.Collections.Generic.OrderedDictionary<string, object?>;

namespace Cluster.Serving.Prompting;

/// <summary>The rules of SHAPE.md, section 2, at one level of detail; a method a rule.</summary>
internal sealed class ShapeRenderer(object? root, ShapeLevel level)
{
    private const int DescriptionCharactersMax = 80;
    private const int CallDepthMax = 200;

    private int _nodes;
    private int _callDepth;

    /// <summary>Type text, then the description in round brackets, if one is wanted.</summary>
    public string Render(object? schema, int depth, ImmutableList<string> references)
    {
        if (schema is not Members members || ++_nodes > SchemaShape.NodesMax || _callDepth >= CallDepthMax) return "any";
        _callDepth++;
        string text = TypeText(members, depth, references);
        _callDepth--;
        string description = level.Descriptions && ShapeTree.AsString(members.GetValueOrDefault("description")) is { } written ? Shorten(written) : "";
        return description.Length == 0 ? text : $"{text} ({description})";
    }

    private string TypeText(Members schema, int depth, ImmutableList<string> references)
    {
        if (schema.TryGetValue("$ref", out object? reference)) return Reference(ShapeTree.AsString(reference), depth, references);
        if (schema.TryGetValue("const", out object? constant)) return Literal(constant);
        if (NonEmptyList(schema, "enum") is { } values) return Enumeration(values);
        if ((NonEmptyList(schema, "anyOf") ?? NonEmptyList(schema, "oneOf")) is { } alternatives)
        {
            return Union(alternatives.Select(alternative => Render(alternative, depth, references)));
        }
        if (NonEmptyList(schema, "allOf") is { } parts)
        {
            return ++_nodes > SchemaShape.NodesMax ? "any" : TypeText(Merge(schema, parts), depth, references);
        }
        object? type = schema.GetValueOrDefault("type");
        return type is List<object?> types
            ? Union(types.Select(one => Single(schema, one, depth, references)))
            : Single(schema, type, depth, references);
    }

    private string Single(Members schema, object? type, int depth, ImmutableList<string> references)
    {
        string? name = type is null ? ImpliedType(schema) : ShapeTree.AsString(type);
        return name switch
        {
            "object" => Object(schema, depth, references),
            "array" => Array(schema, depth, references),
            "string" => FormatName(ShapeTree.AsString(schema.GetValueOrDefault("format"))),
            "integer" or "number" or "boolean" or "null" => name,
            _ => "any",
        };
    }

    private string Object(Members schema, int depth, ImmutableList<string> references)
    {
        if (schema.GetValueOrDefault("properties") is not Members { Count: > 0 } properties)
        {
            return schema.GetValueOrDefault("additionalProperties") is Members { Count: > 0 } values && depth < level.DepthMax
                ? $"{{[key]: {Render(values, depth + 1, references)}}}"
                : "object";
        }
        if (depth >= level.DepthMax) return "object";
        var required = new HashSet<string>(StringComparer.Ordinal);
        foreach (object? key in AsList(schema.GetValueOrDefault("required")))
        {
            if (ShapeTree.AsString(key) is { } name) required.Add(name);
        }
        var text = new StringBuilder("{");
        foreach ((string key, object? value) in properties)
        {
            if (text.Length > 1) text.Append(", ");
            AppendKey(key, text);
            text.Append(required.Contains(key) ? ": " : "?: ").Append(Render(value, depth + 1, references));
        }
        return text.Append('}').ToString();
    }

    private string Array(Members schema, int depth, ImmutableList<string> references)
    {
        if (NonEmptyList(schema, "prefixItems") is { } prefix)
        {
            return $"[{string.Join(", ", prefix.Select(item => Render(item, depth + 1, references)))}]";
        }
        if (schema.GetValueOrDefault("items") is not Members items || depth >= level.DepthMax) return "any[]";
        string text = Render(items, depth + 1, references);
        return text.EndsWith(')') || HasUnion(text) ? $"({text})[]" : $"{text}[]";
    }

    private string Enumeration(List<object?> values)
    {
        var shown = values.Take(level.EnumValuesMax).Select(Literal).ToList();
        if (values.Count > shown.Count) shown.Add("...");
        return string.Join(" | ", shown);
    }

    private static string Union(IEnumerable<string> parts)
    {
        List<string> unique = [.. parts.Distinct(StringComparer.Ordinal)];
        if (unique.Count > 1 && unique.Remove("null")) unique.Add("null");
        return string.Join(" | ", unique);
    }

    private string Reference(string? pointer, int depth, ImmutableList<string> references)
        => pointer is not null && !references.Contains(pointer) && ShapeTree.Resolve(root, pointer) is Members target && ++_nodes <= SchemaShape.NodesMax
            ? TypeText(target, depth, references.Add(pointer))
            : "any";

    private Members Merge(Members schema, List<object?> parts)
    {
        var merged = new Members(schema.Where(pair => pair.Key != "allOf"), StringComparer.Ordinal);
        var properties = new Members((schema.GetValueOrDefault("properties") as Members) ?? [], StringComparer.Ordinal);
        List<object?> required = [.. AsList(schema.GetValueOrDefault("required"))];
        foreach (object? written in parts)
        {
            Members part = written as Members ?? [];
            if (ShapeTree.AsString(part.GetValueOrDefault("$ref")) is { } pointer) part = ShapeTree.Resolve(root, pointer) as Members ?? [];
            foreach ((string key, object? value) in part.GetValueOrDefault("properties") as Members ?? []) properties.TryAdd(key, value);
            required.AddRange(AsList(part.GetValueOrDefault("required")));
            foreach ((string key, object? value) in part)
            {
                if (key is not ("properties" or "required" or "allOf" or "$ref" or "description")) merged.TryAdd(key, value);
            }
        }
        if (properties.Count > 0)
        {
            merged["properties"] = properties;
            merged["required"] = required;
        }
        return merged;
    }

    private static string? ImpliedType(Members schema)
    {
        if (schema.ContainsKey("properties") || schema.ContainsKey("additionalProperties")) return "object";
        if (schema.ContainsKey("items") || schema.ContainsKey("prefixItems")) return "array";
        if (schema.ContainsKey("format") || schema.ContainsKey("pattern") || schema.ContainsKey("minLength") || schema.ContainsKey("maxLength")) return "string";
        return schema.ContainsKey("minimum") || schema.ContainsKey("maximum") || schema.ContainsKey("multipleOf") ? "number" : null;
    }

    private static string FormatName(string? format) => format switch
    {
        "date" or "time" or "email" or "uuid" => format,
        "date-time" => "datetime",
        "uri" => "url",
        _ => "string",
    };

    private static void AppendKey(string key, StringBuilder text)
    {
        bool isPlain = key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '$');
        if (isPlain) text.Append(key);
        else ShapeTree.WriteString(key, text);
    }

    /// <summary>Is there a <c> | </c> outside all brackets and quotes?</summary>
    private static bool HasUnion(string text)
    {
        int depth = 0;
        bool isQuoted = false;
        for (int at = 0; at < text.Length; at++)
        {
            char c = text[at];
            if (isQuoted)
            {
                if (c == '\\') at++;
                isQuoted = c != '"';
            }
            else if (c == '"') isQuoted = true;
            else if (c is '{' or '[' or '(') depth++;
            else if (c is '}' or ']' or ')') depth--;
            else if (depth == 0 && string.CompareOrdinal(text, at, " | ", 0, 3) == 0) return true;
        }
        return false;
    }

    private static string Shorten(string description)
    {
        string text = string.Join(' ', description.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (SchemaShape.CodePoints(text) <= DescriptionCharactersMax) return text;
        string longest = SchemaShape.Cut(text, DescriptionCharactersMax + 1);
        int space = longest.LastIndexOf(' ');
        return space > 0 ? text[..space] : SchemaShape.Cut(text, DescriptionCharactersMax);
    }

    private static string Literal(object? value)
    {
        var text = new StringBuilder();
        ShapeTree.WriteJson(value, text);
        return text.ToString();
    }

    private static List<object?>? NonEmptyList(Members schema, string keyword)
        => schema.GetValueOrDefault(keyword) is List<object?> { Count: > 0 } list ? list : null;

    private static List<object?> AsList(object? value) => value as List<object?> ?? [];
}
