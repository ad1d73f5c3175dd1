using System.Text.Json;
using Cluster.Grammar.Automata;
using Cluster.Grammar.Structure;

namespace Cluster.Grammar.Schema;

/// <summary>Keywords whose argument is a value: literals, numbers, patterns, formats.</summary>
internal sealed partial class SchemaReader
{
    private readonly Dictionary<string, StringLanguage> _patterns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConstSet[]> _scalars = new(StringComparer.Ordinal);
    private SchemaNode? _nothing;

    private string? ReadEnum(SchemaNode node, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array) return "An enum is an array of values.";
        node.Consts = [.. node.Consts, ConstsOf(node, value.EnumerateArray())];
        return null;
    }

    private string? ReadConst(SchemaNode node, JsonElement value)
    {
        ConstSet[] own = value.ValueKind is JsonValueKind.Array or JsonValueKind.Object ? [ConstsOf(node, [value])] : ScalarOf(value);
        node.Consts = node.Consts.Length == 0 ? own : [.. node.Consts, .. own];
        return null;
    }

    /// <summary>The set of one scalar: one object for all places that hold the same text, since discriminators recur.</summary>
    private ConstSet[] ScalarOf(JsonElement value)
    {
        string text = value.GetRawText();
        if (_scalars.TryGetValue(text, out ConstSet[]? known)) return known;
        ConstSet set = value.ValueKind switch
        {
            JsonValueKind.Null => new ConstSet { Null = true },
            JsonValueKind.True => new ConstSet { True = true },
            JsonValueKind.False => new ConstSet { False = true },
            JsonValueKind.String => new ConstSet { Strings = StringLanguage.Literals([value.GetString()!]) },
            _ => new ConstSet { Numbers = NumberLanguage.Literals([text]) },
        };
        return _scalars[text] = [set];
    }

    /// <summary>The values by kind; compound ones become schemas that only they satisfy, level by level off a list.</summary>
    private ConstSet ConstsOf(SchemaNode owner, IEnumerable<JsonElement> values)
    {
        var open = new Queue<(ConstSet Set, IReadOnlyList<JsonElement> Values)>();
        var result = new ConstSet();
        open.Enqueue((result, [.. values]));
        while (open.TryDequeue(out (ConstSet Set, IReadOnlyList<JsonElement> Values) next))
        {
            var strings = new List<string>();
            var numbers = new List<string>();
            var arrays = new List<SchemaNode>();
            var objects = new List<SchemaNode>();
            foreach (JsonElement value in next.Values)
            {
                switch (value.ValueKind)
                {
                    case JsonValueKind.Null: next.Set.Null = true; break;
                    case JsonValueKind.True: next.Set.True = true; break;
                    case JsonValueKind.False: next.Set.False = true; break;
                    case JsonValueKind.String: strings.Add(value.GetString()!); break;
                    case JsonValueKind.Number: numbers.Add(value.GetRawText()); break;
                    case JsonValueKind.Array:
                        arrays.Add(ArrayConst(owner, value, open));
                        break;
                    default:
                        objects.Add(ObjectConst(owner, value, open));
                        break;
                }
            }
            (next.Set.Arrays, next.Set.Objects) = ([.. arrays], [.. objects]);
            if (strings.Count > 0) next.Set.Strings = StringLanguage.Literals(strings);
            if (numbers.Count > 0) next.Set.Numbers = NumberLanguage.Literals(numbers);
        }
        return result;
    }

    private SchemaNode ArrayConst(SchemaNode owner, JsonElement value, Queue<(ConstSet, IReadOnlyList<JsonElement>)> open)
    {
        SchemaNode node = MadeNode(owner);
        node.Types = ValueTypes.Array;
        node.Items = new ItemRules { Rest = Nothing(owner) };
        foreach (JsonElement item in value.EnumerateArray()) node.Items.Prefix.Add(SingleConst(owner, item, open));
        node.MinItems = node.Items.Prefix.Count;
        return node;
    }

    private SchemaNode ObjectConst(SchemaNode owner, JsonElement value, Queue<(ConstSet, IReadOnlyList<JsonElement>)> open)
    {
        SchemaNode node = MadeNode(owner);
        node.Types = ValueTypes.Object;
        node.Members = new MemberRules { Additional = Nothing(owner) };
        foreach (JsonProperty entry in value.EnumerateObject())
        {
            SchemaNode member = SingleConst(owner, entry.Value, open);
            // Of members of one name the last counts, as for every reader of JSON.
            if (!node.Members.ByKey.TryAdd(entry.Name, member))
            {
                node.Members.Properties.RemoveAll(x => x.Key == entry.Name);
                node.Members.ByKey[entry.Name] = member;
            }
            node.Members.Properties.Add((entry.Name, member));
        }
        node.Required = [.. node.Members.Properties.Select(static x => x.Key)];
        return node;
    }

    private SchemaNode SingleConst(SchemaNode owner, JsonElement value, Queue<(ConstSet, IReadOnlyList<JsonElement>)> open)
    {
        SchemaNode node = MadeNode(owner);
        var set = new ConstSet();
        node.Consts = [set];
        open.Enqueue((set, [value]));
        return node;
    }

    private SchemaNode Nothing(SchemaNode owner)
    {
        if (_nothing is null)
        {
            _nothing = MadeNode(owner);
            _nothing.IsFalse = true;
        }
        return _nothing;
    }

    /// <summary>The schema that exactly one value satisfies.</summary>
    /// <param name="json">The value's JSON text, valid.</param>
    public static SchemaNode ConstOf(ReadOnlyMemory<byte> json, GrammarOptions options)
    {
        var reader = new SchemaReader(options, false, null);
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = int.MaxValue });
        var node = new SchemaNode(-1);
        node.Consts = [reader.ConstsOf(node, [document.RootElement])];
        return node;
    }

    private SchemaNode MadeNode(SchemaNode owner)
    {
        SchemaNode node = owner.Made(_nodes.Count);
        _nodes.Add(node);
        return node;
    }

    private static string? ReadNumberKeyword(SchemaNode node, SchemaPlace place, string keyword, JsonElement value)
    {
        bool isExclusive = keyword.StartsWith("exclusive", StringComparison.Ordinal);
        if (isExclusive && value.ValueKind is JsonValueKind.True or JsonValueKind.False) return null; // draft-04: read with its bound
        if (value.ValueKind != JsonValueKind.Number) return $"'{keyword}' is a number.";
        string bound = value.GetRawText();
        if (keyword == "multipleOf" && !NumberLanguage.Range("0", null, minExclusive: true).Contains(bound)) return "multipleOf is greater than 0.";
        NumberLanguage language = keyword switch
        {
            "multipleOf" => NumberLanguage.MultipleOf(bound),
            "minimum" => NumberLanguage.Range(bound, null, minExclusive: IsTrue(place, "exclusiveMinimum")),
            "maximum" => NumberLanguage.Range(null, bound, maxExclusive: IsTrue(place, "exclusiveMaximum")),
            "exclusiveMinimum" => NumberLanguage.Range(bound, null, minExclusive: true),
            _ => NumberLanguage.Range(null, bound, maxExclusive: true),
        };
        return AddNumbers(node, language);
    }

    private static string? AddNumbers(SchemaNode node, NumberLanguage language)
    {
        if ((node.Numbers ?? NumberLanguage.All).And(language) is not { } both) throw new FuelSpentException();
        node.Numbers = both;
        return null;
    }

    private static bool IsTrue(SchemaPlace place, string keyword)
        => place.Element.TryGetProperty(keyword, out JsonElement value) && value.ValueKind == JsonValueKind.True;

    private string? ReadPattern(SchemaNode node, string keyword, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) return "A pattern is a string.";
        if (PatternOf(node, keyword, value.GetString()!) is not { } language) return "";
        node.Strings = (node.Strings ?? StringLanguage.All).And(language);
        return null;
    }

    /// <summary>The language of an ECMA-262 pattern; null, and a rejection, when it is invalid or not regular.</summary>
    private StringLanguage? PatternOf(SchemaNode node, string keyword, string pattern)
    {
        if (_patterns.TryGetValue(pattern, out StringLanguage? known)) return known;
        if (StringLanguage.TryPattern(pattern, out StringLanguage language, out LeafRefusal? refusal)) return _patterns[pattern] = language;
        Reject(KindOf(refusal!.Kind), node, keyword, refusal.Message);
        return null;
    }

    private string? ReadFormat(SchemaNode node, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) return "A format is a string.";
        string name = value.GetString()!;
        if (_options.Format == FormatMode.Annotation)
        {
            Note(node, "format", KeywordTreatment.Annotation, "Formats are annotations under these options.");
            return "";
        }
        if (!StringLanguage.TryFormat(name, out StringLanguage language, out LeafRefusal? refusal))
        {
            if (refusal is not null) Reject(KindOf(refusal.Kind), node, "format", refusal.Message);
            else Note(node, "format", KeywordTreatment.Annotation, $"'{name}' is not a format of the specification.");
            return "";
        }
        node.Strings = (node.Strings ?? StringLanguage.All).And(language);
        return null;
    }

    private string? ReadContentEncoding(SchemaNode node, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) return "A content encoding is a string.";
        if (StringLanguage.ContentEncoding(value.GetString()!) is not { } language)
        {
            Note(node, "contentEncoding", KeywordTreatment.Annotation, $"'{value.GetString()}' is not an encoding that can be enforced.");
            return "";
        }
        node.Strings = (node.Strings ?? StringLanguage.All).And(language);
        return null;
    }

    private static SchemaRejectionKind KindOf(LeafRefusalKind kind) => kind switch
    {
        LeafRefusalKind.Malformed => SchemaRejectionKind.Malformed,
        LeafRefusalKind.TooLarge => SchemaRejectionKind.TooLarge,
        _ => SchemaRejectionKind.UnsupportedKeyword,
    };
}
