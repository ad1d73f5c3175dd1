using System.Text.Json;
using Cluster.Grammar.Automata;

namespace Cluster.Grammar.Schema;

/// <summary>One keyword at a time: from JSON to the node's groups.</summary>
internal sealed partial class SchemaReader
{
    private void ReadKeyword(SchemaNode node, SchemaPlace place, string keyword, JsonElement value)
    {
        if (Keywords.IsAnnotation(keyword) && !(keyword == "contentEncoding" && _options.Content == ContentMode.Assert))
        {
            Note(node, keyword, KeywordTreatment.Annotation);
            return;
        }
        string? problem = keyword switch
        {
            "type" => ReadType(node, value),
            "enum" => ReadEnum(node, value),
            "const" => place.Dialect < Dialect.Draft6 ? Annotation : ReadConst(node, value),
            "multipleOf" or "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" => ReadNumberKeyword(node, place, keyword, value),
            "minLength" or "maxLength" => ReadLength(node, keyword, value),
            "pattern" => ReadPattern(node, keyword, value),
            "format" => ReadFormat(node, value),
            "contentEncoding" => ReadContentEncoding(node, value),
            "properties" or "patternProperties" => ReadPropertyMap(node, place, keyword, value),
            "additionalProperties" => ReadAdditional(node, place, keyword, value),
            "propertyNames" => place.Dialect < Dialect.Draft6 ? Annotation : ReadSchema(place, keyword, value, x => node.PropertyNames = x),
            "required" => ReadNames(value, x => node.Required = x),
            "minProperties" => ReadCount(value, x => node.MinProperties = x),
            "maxProperties" => ReadCount(value, x => node.MaxProperties = x),
            "minItems" => ReadCount(value, x => node.MinItems = x),
            "maxItems" => ReadCount(value, x => node.MaxItems = x),
            "uniqueItems" => ReadUnique(node, value),
            "contains" => place.Dialect < Dialect.Draft6 ? Annotation : ReadContains(node, place, value),
            "minContains" => place.Dialect < Dialect.Draft2019 ? Annotation : ReadCount(value, x => node.MinContains = x),
            "maxContains" => place.Dialect < Dialect.Draft2019 ? Annotation : ReadCount(value, x => node.MaxContains = x),
            "items" => ReadItems(node, place, value),
            "prefixItems" => place.Dialect < Dialect.Draft2020 ? Annotation : ReadPrefix(node, place, keyword, value),
            "additionalItems" => ReadAdditionalItems(node, place, value),
            "allOf" => ReadList(place, keyword, value, x => node.AllOf = x),
            "anyOf" => ReadList(place, keyword, value, x => (node.AnyOf, node.HasAnyOf) = (x, true)),
            "oneOf" => ReadList(place, keyword, value, x => (node.OneOf, node.HasOneOf) = (x, true)),
            "not" => ReadSchema(place, keyword, value, x => node.Not = x),
            "if" => place.Dialect < Dialect.Draft7 ? Annotation : ReadSchema(place, keyword, value, x => node.If = x),
            "then" => ReadBranch(place, keyword, value, x => node.Then = x),
            "else" => ReadBranch(place, keyword, value, x => node.Else = x),
            "dependentRequired" => place.Dialect < Dialect.Draft2019 ? Annotation : ReadDependencies(node, place, keyword, value),
            "dependentSchemas" => place.Dialect < Dialect.Draft2019 ? Annotation : ReadDependencies(node, place, keyword, value),
            "dependencies" => ReadDependencies(node, place, keyword, value),
            "unevaluatedProperties" => place.Dialect < Dialect.Draft2019 ? Annotation : ReadSchema(place, keyword, value, x => node.UnevaluatedProperties = x),
            "unevaluatedItems" => place.Dialect < Dialect.Draft2019 ? Annotation : ReadSchema(place, keyword, value, x => node.UnevaluatedItems = x),
            "$ref" => ReadAnyReference(node, place, keyword, value),
            "$dynamicRef" => place.Dialect < Dialect.Draft2020 ? Annotation : ReadAnyReference(node, place, keyword, value),
            "$recursiveRef" => place.Dialect != Dialect.Draft2019 ? Annotation : ReadAnyReference(node, place, keyword, value),
            _ => Annotation,
        };
        if (problem is null) Note(node, keyword, KeywordTreatment.Enforced);
        else if (problem == Annotation) Note(node, keyword, KeywordTreatment.Annotation, "Not a keyword of this dialect.");
        else if (problem.Length > 0) Reject(SchemaRejectionKind.Malformed, node, keyword, problem);
    }

    /// <summary>What a keyword's reader returns when the keyword says nothing; null: enforced; empty: already reported.</summary>
    private const string Annotation = "\0";

    private string? ReadAnyReference(SchemaNode node, SchemaPlace place, string keyword, JsonElement value)
    {
        ReadReference(node, place, keyword, value);
        return "";
    }

    private static string? ReadType(SchemaNode node, JsonElement value)
    {
        var types = ValueTypes.None;
        bool hasNumber = false, hasInteger = false;
        IEnumerable<JsonElement> names = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [value];
        foreach (JsonElement name in names)
        {
            if (name.ValueKind != JsonValueKind.String) return "A type is a string or a list of strings.";
            switch (name.GetString())
            {
                case "null": types |= ValueTypes.Null; break;
                case "boolean": types |= ValueTypes.Boolean; break;
                case "string": types |= ValueTypes.String; break;
                case "array": types |= ValueTypes.Array; break;
                case "object": types |= ValueTypes.Object; break;
                case "number": types |= ValueTypes.Number; hasNumber = true; break;
                case "integer": types |= ValueTypes.Number; hasInteger = true; break;
                case "any": types = ValueTypes.All; hasNumber = true; break;
                default: return $"There is no type '{name.GetString()}'.";
            }
        }
        node.Types = types;
        return hasInteger && !hasNumber ? AddNumbers(node, NumberLanguage.Integer) : null;
    }

    private string? ReadCount(JsonElement value, Action<int> set)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double count) || count < 0 || count != Math.Floor(count))
        {
            return "A count is a whole number, 0 or more.";
        }
        set(count >= int.MaxValue ? int.MaxValue : (int)count);
        return null;
    }

    private string? ReadNames(JsonElement value, Action<string[]> set)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return Annotation; // draft-03's form
        if (value.ValueKind != JsonValueKind.Array) return "A list of names is an array of strings.";
        var names = new List<string>();
        foreach (JsonElement name in value.EnumerateArray())
        {
            if (name.ValueKind != JsonValueKind.String) return "A list of names is an array of strings.";
            names.Add(name.GetString()!);
        }
        set([.. names]);
        return null;
    }

    private string? ReadLength(SchemaNode node, string keyword, JsonElement value)
        => ReadCount(value, count =>
        {
            StringLanguage length = keyword == "minLength" ? StringLanguage.Length(count) : StringLanguage.Length(0, count);
            node.Strings = (node.Strings ?? StringLanguage.All).And(length);
        });

    private string? ReadSchema(SchemaPlace place, string keyword, JsonElement value, Action<SchemaNode> set)
    {
        set(NodeAt(place.Down(keyword, value)));
        return null;
    }

    private string? ReadBranch(SchemaPlace place, string keyword, JsonElement value, Action<SchemaNode> set)
        => place.Dialect < Dialect.Draft7 || !place.Element.TryGetProperty("if", out _) ? Annotation : ReadSchema(place, keyword, value, set);

    private string? ReadList(SchemaPlace place, string keyword, JsonElement value, Action<SchemaNode[]> set)
    {
        if (value.ValueKind != JsonValueKind.Array) return "A list of schemas is an array.";
        var nodes = new SchemaNode[value.GetArrayLength()];
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            nodes[index] = NodeAt(place.Down(keyword, index, item));
            index++;
        }
        set(nodes);
        return null;
    }

    private string? ReadPropertyMap(SchemaNode node, SchemaPlace place, string keyword, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) return "A map of schemas is an object.";
        MemberRules rules = node.Members ??= new MemberRules();
        foreach (JsonProperty entry in value.EnumerateObject())
        {
            string name = entry.Name;
            // Of two with one name the first counts.
            if (keyword == "properties" && rules.ByKey.ContainsKey(name)) continue;
            SchemaNode schema = NodeAt(place.Down(keyword, name, entry.Value));
            if (keyword == "properties")
            {
                rules.Properties.Add((name, schema));
                rules.ByKey.Add(name, schema);
            }
            else if (PatternOf(node, keyword, name) is { } pattern) rules.Patterns.Add((pattern, schema));
        }
        return null;
    }

    private string? ReadAdditional(SchemaNode node, SchemaPlace place, string keyword, JsonElement value)
        => ReadSchema(place, keyword, value, x => (node.Members ??= new MemberRules()).Additional = x);

    private string? ReadItems(SchemaNode node, SchemaPlace place, JsonElement value)
    {
        ItemRules rules = node.Items ??= new ItemRules();
        if (value.ValueKind != JsonValueKind.Array) return ReadSchema(place, "items", value, x => rules.Rest = x);
        // A list of schemas is a tuple up to 2019-09; later nobody can mean anything else by it, unless there is a tuple already.
        if (place.Dialect >= Dialect.Draft2020 && place.Element.TryGetProperty("prefixItems", out _)) return "Beside prefixItems, items is one schema.";
        return ReadPrefix(node, place, "items", value);
    }

    private string? ReadPrefix(SchemaNode node, SchemaPlace place, string keyword, JsonElement value)
        => ReadList(place, keyword, value, (node.Items ??= new ItemRules()).Prefix.AddRange);

    private string? ReadAdditionalItems(SchemaNode node, SchemaPlace place, JsonElement value)
    {
        bool applies = place.Element.TryGetProperty("items", out JsonElement items) && items.ValueKind == JsonValueKind.Array;
        return applies ? ReadSchema(place, "additionalItems", value, x => (node.Items ??= new ItemRules()).Rest = x) : Annotation;
    }

    private string? ReadUnique(SchemaNode node, JsonElement value)
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) return "uniqueItems is a boolean.";
        node.UniqueItems = value.ValueKind == JsonValueKind.True;
        return null;
    }

    private string? ReadContains(SchemaNode node, SchemaPlace place, JsonElement value)
    {
        node.ContainsEvaluates = place.Dialect >= Dialect.Draft2020;
        return ReadSchema(place, "contains", value, x => node.Contains = x);
    }

    private string? ReadDependencies(SchemaNode node, SchemaPlace place, string keyword, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) return "Dependencies are an object.";
        var required = new List<(string, string[])>();
        var schemas = new List<(string, SchemaNode)>();
        foreach (JsonProperty entry in value.EnumerateObject())
        {
            bool isList = entry.Value.ValueKind == JsonValueKind.Array || entry.Value.ValueKind == JsonValueKind.String;
            if (keyword == "dependentSchemas" || keyword == "dependencies" && !isList)
            {
                schemas.Add((entry.Name, NodeAt(place.Down(keyword, entry.Name, entry.Value))));
                continue;
            }
            string[] names = [];
            if (entry.Value.ValueKind == JsonValueKind.String) names = [entry.Value.GetString()!];
            else if (ReadNames(entry.Value, x => names = x) is { } problem) return problem;
            required.Add((entry.Name, names));
        }
        node.DependentRequired = [.. node.DependentRequired, .. required];
        node.DependentSchemas = [.. node.DependentSchemas, .. schemas];
        return null;
    }
}
