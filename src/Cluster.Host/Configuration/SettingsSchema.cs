using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Cluster.Host.Models;

namespace Cluster.Host.Configuration;

/// <summary>JSON schemas of appsettings.json and models.json, for editors: made from the options themselves and their documentation.</summary>
public static partial class SettingsSchema
{
    private const string Draft = "http://json-schema.org/draft-07/schema#";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Of appsettings.json and its variants; names that other parts of the program read (Logging) are let through.</summary>
    public static string OfSettings()
    {
        var root = new JsonObject { ["$schema"] = Draft, ["title"] = "Settings of Cluster", ["type"] = "object", ["properties"] = new JsonObject() };
        foreach (SettingsSection section in SettingsTree.Sections)
        {
            JsonObject node = root;
            foreach (string name in section.Path.Split(':')) node = ChildOf(node, name);
            foreach (PropertyInfo property in SettingsTree.PropertiesOf(section)) node["properties"]![property.Name] = Of(property, Activator.CreateInstance(section.Type)!);
        }
        return root.ToJsonString(Indented) + "\n";
    }

    /// <summary>Of models.json.</summary>
    public static string OfModels() => new JsonObject
    {
        ["$schema"] = Draft,
        ["title"] = "Models that Cluster serves",
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = new JsonArray("models"),
        ["properties"] = new JsonObject
        {
            ["$schema"] = new JsonObject { ["type"] = "string" },
            ["models"] = new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = ObjectOf(typeof(ModelConfig), new ModelConfig(), isCamelCase: true, required: ["id", "path"]) },
        },
    }.ToJsonString(Indented) + "\n";

    private static JsonObject ChildOf(JsonObject parent, string name)
    {
        var properties = (JsonObject)parent["properties"]!;
        if (properties[name] is JsonObject known) return known;
        var child = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = new JsonObject() };
        properties[name] = child;
        return child;
    }

    private static JsonObject ObjectOf(Type type, object defaults, bool isCamelCase, string[]? required = null)
    {
        var properties = new JsonObject();
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(one => one.SetMethod is not null))
            properties[isCamelCase ? JsonNamingPolicy.CamelCase.ConvertName(property.Name) : property.Name] = Of(property, defaults, isCamelCase);
        var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = false };
        if (required is not null) schema["required"] = new JsonArray([.. required.Select(name => (JsonNode)name)]);
        schema["properties"] = properties;
        return schema;
    }

    private static JsonObject Of(PropertyInfo property, object owner, bool isCamelCase = false)
    {
        JsonObject schema = Of(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, property.GetValue(owner), isCamelCase);
        if (Documentation.Of(property) is { Length: > 0 } text) schema.Insert(0, "description", text);
        if (schema["type"]?.GetValue<string>() is "integer" or "number" && property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            schema["minimum"] = Number(range.Minimum);

            // The greatest number of a type is no bound that means anything.
            if (Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture) < 1e15) schema["maximum"] = Number(range.Maximum);
        }
        if (property.GetCustomAttribute<RegularExpressionAttribute>() is { } pattern) schema["pattern"] = pattern.Pattern;
        if (property.GetValue(owner) is { } value && property.PropertyType.Namespace == nameof(System) && DefaultOf(value) is { } fallback && !IsOfThisMachine(property)) schema["default"] = fallback;
        return schema;
    }

    private static JsonObject Of(Type type, object? value, bool isCamelCase) => type switch
    {
        _ when type == typeof(bool) => new JsonObject { ["type"] = "boolean" },
        _ when type == typeof(int) || type == typeof(long) => new JsonObject { ["type"] = "integer" },
        _ when type == typeof(double) || type == typeof(float) => new JsonObject { ["type"] = "number" },
        _ when type == typeof(TimeSpan) => new JsonObject { ["type"] = "string", ["pattern"] = "^([0-9]+\\.)?[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?$" },
        { IsEnum: true } => new JsonObject { ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(name => (JsonNode)name)]) },
        _ when type == typeof(string) => new JsonObject { ["type"] = "string" },
        _ when typeof(IEnumerable).IsAssignableFrom(type) => new JsonObject { ["type"] = "array", ["items"] = ItemsOf(type.GetGenericArguments()[0], isCamelCase) },
        _ => ObjectOf(type, value ?? Activator.CreateInstance(type)!, isCamelCase),
    };

    private static JsonObject ItemsOf(Type type, bool isCamelCase) => Of(type, null, isCamelCase);

    /// <summary>Defaults that depend on the machine would make the schema differ from one to the next.</summary>
    private static bool IsOfThisMachine(PropertyInfo property) => property.Name is "LockFolder" or "CompilesMax";

    private static JsonNode? DefaultOf(object value) => value switch
    {
        bool flag => flag,
        string text => text,
        TimeSpan time => time.ToString(),
        Enum name => name.ToString(),
        _ => Number(value),
    };

    private static JsonNode? Number(object value) => value switch
    {
        int whole => whole,
        long whole => whole,
        float number => JsonNode.Parse(number.ToString(CultureInfo.InvariantCulture)),
        double number when Math.Floor(number) == number && Math.Abs(number) < 1e15 => (long)number,
        double number => number,
        _ => null,
    };

    /// <summary>The summaries that the compiler writes beside each assembly.</summary>
    private static partial class Documentation
    {
        private static readonly Dictionary<Assembly, Dictionary<string, string>> Known = [];

        public static string Of(PropertyInfo property)
        {
            // A choice that says nothing itself is described by its type.
            string own = TextOf(property.DeclaringType!.Assembly, $"P:{property.DeclaringType.FullName}.{property.Name}");
            return own.Length > 0 || !property.PropertyType.IsEnum ? own : TextOf(property.PropertyType.Assembly, $"T:{property.PropertyType.FullName}");
        }

        private static string TextOf(Assembly assembly, string member)
        {
            if (!Known.TryGetValue(assembly, out Dictionary<string, string>? texts)) Known[assembly] = texts = Read(assembly);
            return texts.GetValueOrDefault(member, "");
        }

        private static Dictionary<string, string> Read(Assembly assembly)
        {
            string path = Path.ChangeExtension(assembly.Location, ".xml");
            return !File.Exists(path) ? [] : XDocument.Load(path).Descendants("member").ToDictionary(
                member => member.Attribute("name")!.Value, member => string.Join(' ', new[] { member.Element("summary"), member.Element("remarks") }.OfType<XElement>().Select(TextOf)), StringComparer.Ordinal);
        }

        private static string TextOf(XElement element) => Blanks().Replace(string.Concat(element.Nodes().Select(node => node switch
        {
            XElement { Name.LocalName: "see" } see => see.Attribute("cref")?.Value.Split('.')[^1] ?? "",
            XElement inner => inner.Value,
            _ => node.ToString(),
        })), " ").Trim().Replace("&gt;", ">", StringComparison.Ordinal).Replace("&lt;", "<", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal);

        [GeneratedRegex(@"\s+")]
        private static partial Regex Blanks();
    }
}
