using Cluster.Grammar.Validation.Formats;
using Cluster.Grammar.Validation.Keywords;

namespace Cluster.Grammar.Validation;

/// <summary>Reads the keywords of one schema object. The form of a value decides where releases differ: a list under <c>items</c> is
/// a prefix and a boolean <c>exclusiveMinimum</c> modifies <c>minimum</c>, in every release.</summary>
internal sealed class KeywordSource(SchemaBuilder builder, JsonValue schema, SchemaPlace place)
{
    private static readonly string[] TypeNames = ["null", "boolean", "integer", "number", "string", "array", "object"];

    private string At => place.Pointer;

    private bool Has(Draft since) => place.Resource.Dialect.Draft >= since;

    public void AddAssertions(List<Keyword> keywords)
    {
        if (schema.Get("type") is { } type) AddType(type, keywords);
        if (schema.Get("enum") is { } values)
        {
            if (values.Kind != JsonKind.Array) throw Wrong("enum", "an array");
            var known = new HashSet<JsonValue>(values.Items, DeepComparer.Instance);
            Add(keywords, "enum", (value, _) => known.Contains(value));
        }
        if (Has(Draft.Draft6) && schema.Get("const") is { } constant) Add(keywords, "const", (value, _) => constant.DeepEquals(value));
        AddNumbers(keywords);
        AddStrings(keywords);
        AddCounts(keywords);
        if (schema.Get("uniqueItems") is { } unique)
        {
            if (unique.Kind != JsonKind.Boolean) throw Wrong("uniqueItems", "a boolean");
            if (unique.Boolean) keywords.Add(new UniqueItems(At));
        }
        if (schema.Get("required") is { } required)
        {
            string[] names = Names("required", required);
            Add(keywords, "required", (value, _) => value.Kind != JsonKind.Object || Array.TrueForAll(names, name => value.Get(name) is not null));
        }
        if (Has(Draft.Draft201909) && schema.Get("dependentRequired") is { } dependent)
        {
            foreach (var (trigger, list) in Members("dependentRequired", dependent)) AddDependentRequired("dependentRequired", trigger, list, keywords);
        }
    }

    public void AddFormat(List<Keyword> keywords)
    {
        if (builder.Options.Format != FormatMode.Assert && !place.Resource.Dialect.AssertsFormat) return;
        if (schema.Get("format") is not { } format) return;
        if (format.Kind != JsonKind.String) throw Wrong("format", "a string");
        if (StringFormats.Find(format.Text) is not { } holds) return;
        Add(keywords, "format", (value, _) => value.Kind != JsonKind.String || holds(value.Text));
    }

    public void AddApplicators(List<Keyword> keywords)
    {
        foreach (string name in (string[])["allOf", "anyOf", "oneOf"])
        {
            if (schema.Get(name) is not { } list) continue;
            if (list.Kind != JsonKind.Array || list.Items.Length == 0) throw Wrong(name, "a non-empty array");
            var schemas = Array.ConvertAll(list.Items, builder.NodeOf);
            keywords.Add(name == "allOf" ? new AllOf(name, At, schemas) : name == "anyOf" ? new AnyOf(At, schemas) : new OneOf(At, schemas));
        }
        if (schema.Get("not") is { } not) keywords.Add(new Not(At, builder.NodeOf(not)));
        if (Has(Draft.Draft7) && schema.Get("if") is { } condition) keywords.Add(new IfThenElse(At, builder.NodeOf(condition), Node("then"), Node("else")));
        AddObjects(keywords);
        AddArrays(keywords);
    }

    /// <returns>True if one of the two keywords is there.</returns>
    public bool AddUnevaluated(List<Keyword> keywords)
    {
        if (!Has(Draft.Draft201909)) return false;
        int before = keywords.Count;
        if (Node("unevaluatedItems") is { } items) keywords.Add(new UnevaluatedItems(At, items));
        if (Node("unevaluatedProperties") is { } properties) keywords.Add(new UnevaluatedProperties(At, properties));
        return keywords.Count > before;
    }

    private void AddObjects(List<Keyword> keywords)
    {
        var named = new Dictionary<string, SchemaNode>(StringComparer.Ordinal);
        if (schema.Get("properties") is { } properties)
        {
            foreach (var (name, member) in Members("properties", properties)) named.Add(name, builder.NodeOf(member));
        }
        var patterned = schema.Get("patternProperties") is not { } patterns ? [] : Members("patternProperties", patterns)
            .Select(member => (builder.PatternOf(member.Name, At, "patternProperties"), builder.NodeOf(member.Value))).ToArray();
        var additional = Node("additionalProperties");
        if (named.Count > 0 || patterned.Length > 0 || additional is not null) keywords.Add(new MemberSchemas(At, named, patterned, additional));
        if (Has(Draft.Draft6) && Node("propertyNames") is { } names) keywords.Add(new PropertyNames(At, names));
        if (schema.Get("dependencies") is { } mixed)
        {
            var members = Members("dependencies", mixed);
            foreach (var (trigger, list) in members.Where(member => member.Value.Kind == JsonKind.Array))
            {
                AddDependentRequired("dependencies", trigger, list, keywords);
            }
            AddDependentSchemas("dependencies", members.Where(member => member.Value.Kind != JsonKind.Array), keywords);
        }
        if (Has(Draft.Draft201909) && schema.Get("dependentSchemas") is { } dependent)
        {
            AddDependentSchemas("dependentSchemas", Members("dependentSchemas", dependent), keywords);
        }
    }

    private void AddDependentSchemas(string name, IEnumerable<JsonMember> members, List<Keyword> keywords)
        => keywords.Add(new DependentSchemas(name, At, [.. members.Select(member => (member.Name, builder.NodeOf(member.Value)))]));

    private void AddDependentRequired(string keyword, string trigger, JsonValue list, List<Keyword> keywords)
    {
        string[] names = Names(keyword, list);
        Add(keywords, keyword, (value, _) => value.Get(trigger) is null || Array.TrueForAll(names, name => value.Get(name) is not null));
    }

    private void AddArrays(List<Keyword> keywords)
    {
        SchemaNode[] prefix = [];
        SchemaNode? rest;
        if (schema.Get("items") is { Kind: JsonKind.Array } list)
        {
            prefix = Array.ConvertAll(list.Items, builder.NodeOf);
            rest = Node("additionalItems");
        }
        else
        {
            rest = Node("items");
            if (place.Resource.Dialect.Draft >= Draft.Draft202012 && schema.Get("prefixItems") is { } written)
            {
                if (written.Kind != JsonKind.Array) throw Wrong("prefixItems", "an array");
                prefix = Array.ConvertAll(written.Items, builder.NodeOf);
            }
        }
        if (prefix.Length > 0 || rest is not null) keywords.Add(new ItemSchemas(At, prefix, rest));
        if (!Has(Draft.Draft6) || Node("contains") is not { } contained) return;
        var draft = place.Resource.Dialect.Draft;
        bool hasBounds = draft >= Draft.Draft201909 && place.Resource.Dialect.HasValidation;
        long min = hasBounds ? Count("minContains") ?? 1 : 1;
        long max = hasBounds ? Count("maxContains") ?? long.MaxValue : long.MaxValue;
        keywords.Add(new Contains(At, contained, min, max, marksItems: draft >= Draft.Draft202012));
    }

    private void AddType(JsonValue type, List<Keyword> keywords)
    {
        var names = type.Kind switch
        {
            JsonKind.String => [type.Text],
            JsonKind.Array => Names("type", type),
            _ => throw Wrong("type", "a string or an array of strings"),
        };
        if (names.Length == 0 || names.Except(TypeNames).Any()) throw Wrong("type", "one of the seven type names");
        bool takesIntegers = names.Contains("integer"), takesNumbers = names.Contains("number");
        var others = names.Where(name => name is not ("integer" or "number")).Select(name => Enum.Parse<JsonKind>(name, ignoreCase: true)).ToHashSet();
        Add(keywords, "type", (value, _) => value.Kind == JsonKind.Number
            ? takesNumbers || (takesIntegers && value.Number.IsInteger)
            : others.Contains(value.Kind));
    }

    private void AddNumbers(List<Keyword> keywords)
    {
        bool isAboveStrict = schema.Get("exclusiveMinimum") is { Kind: JsonKind.Boolean, Boolean: true };
        bool isBelowStrict = schema.Get("exclusiveMaximum") is { Kind: JsonKind.Boolean, Boolean: true };
        AddNumber(keywords, "minimum", bound => isAboveStrict ? value => value.CompareTo(bound) > 0 : value => value.CompareTo(bound) >= 0);
        AddNumber(keywords, "maximum", bound => isBelowStrict ? value => value.CompareTo(bound) < 0 : value => value.CompareTo(bound) <= 0);
        if (schema.Get("exclusiveMinimum")?.Kind != JsonKind.Boolean)
        {
            AddNumber(keywords, "exclusiveMinimum", bound => value => value.CompareTo(bound) > 0);
        }
        if (schema.Get("exclusiveMaximum")?.Kind != JsonKind.Boolean)
        {
            AddNumber(keywords, "exclusiveMaximum", bound => value => value.CompareTo(bound) < 0);
        }
        AddNumber(keywords, "multipleOf", divisor => divisor.Sign > 0 ? value => value.IsMultipleOf(divisor) : throw Wrong("multipleOf", "above zero"));
    }

    private void AddNumber(List<Keyword> keywords, string name, Func<JsonNumber, Func<JsonNumber, bool>> test)
    {
        if (schema.Get(name) is not { } written) return;
        if (written.Kind != JsonKind.Number) throw Wrong(name, "a number");
        var holds = test(written.Number);
        Add(keywords, name, (value, _) => value.Kind != JsonKind.Number || holds(value.Number));
    }

    private void AddStrings(List<Keyword> keywords)
    {
        if (Count("minLength") is { } min) Add(keywords, "minLength", (value, _) => value.Kind != JsonKind.String || Length(value.Text) >= min);
        if (Count("maxLength") is { } max) Add(keywords, "maxLength", (value, _) => value.Kind != JsonKind.String || Length(value.Text) <= max);
        if (schema.Get("pattern") is not { } written) return;
        if (written.Kind != JsonKind.String) throw Wrong("pattern", "a string");
        var pattern = builder.PatternOf(written.Text, At, "pattern");
        Add(keywords, "pattern", (value, run) => value.Kind != JsonKind.String || pattern.IsFoundIn(value.Text, run));
    }

    private void AddCounts(List<Keyword> keywords)
    {
        if (Count("minItems") is { } fewest) Add(keywords, "minItems", (value, _) => value.Kind != JsonKind.Array || value.Items.Length >= fewest);
        if (Count("maxItems") is { } most) Add(keywords, "maxItems", (value, _) => value.Kind != JsonKind.Array || value.Items.Length <= most);
        if (Count("minProperties") is { } few) Add(keywords, "minProperties", (value, _) => value.Kind != JsonKind.Object || value.Members.Length >= few);
        if (Count("maxProperties") is { } many) Add(keywords, "maxProperties", (value, _) => value.Kind != JsonKind.Object || value.Members.Length <= many);
    }

    private void Add(List<Keyword> keywords, string name, Func<JsonValue, Evaluation, bool> holds) => keywords.Add(new Predicate(name, At, holds));

    private SchemaNode? Node(string keyword) => schema.Get(keyword) is { } value ? builder.NodeOf(value) : null;

    private long? Count(string keyword)
    {
        if (schema.Get(keyword) is not { } value) return null;
        return (value.Kind == JsonKind.Number ? value.Number.ToCount() : null) ?? throw Wrong(keyword, "an integer from zero up");
    }

    private JsonMember[] Members(string keyword, JsonValue value) => value.Kind == JsonKind.Object ? value.Members : throw Wrong(keyword, "an object");

    private string[] Names(string keyword, JsonValue value)
    {
        if (value.Kind != JsonKind.Array || value.Items.Any(item => item.Kind != JsonKind.String)) throw Wrong(keyword, "an array of strings");
        return Array.ConvertAll(value.Items, item => item.Text);
    }

    private SchemaException Wrong(string keyword, string expected) => new(At, keyword, $"The value of '{keyword}' must be {expected}.");

    /// <summary>Code points: strings here never hold unpaired surrogates.</summary>
    private static int Length(string text) => text.Length - text.Count(char.IsLowSurrogate);
}
