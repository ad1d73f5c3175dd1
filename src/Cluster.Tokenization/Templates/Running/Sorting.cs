using Cluster.Tokenization.Templates.Values;

namespace Cluster.Tokenization.Templates.Running;

/// <summary>sort and dictsort: stable, and strict about what can be compared.</summary>
internal static class Sorting
{
    public static ListValue Sort(ListValue list, CallArguments arguments, RenderLimits limits)
    {
        bool reverse = arguments.Get<BoolValue>(0, "reverse")?.Value ?? false;
        bool caseSensitive = arguments.Get<BoolValue>(1, "case_sensitive")?.Value ?? false;
        string? attribute = arguments.Get(2, "attribute") switch
        {
            null or NoneValue => null,
            StringValue name => name.Value,
            NumberValue { IsFloat: false } index => index.ToText(limits),
            _ => throw TemplateException.Runtime("sort's attribute is a string or an integer"),
        };
        return new ListValue(Order(list.Items, item => attribute is null ? item : Attribute(item, attribute), caseSensitive, reverse, limits));
    }

    public static ListValue SortMap(MapValue map, CallArguments arguments, RenderLimits limits)
    {
        bool caseSensitive = arguments.Get<BoolValue>(0, "case_sensitive")?.Value ?? false;
        string by = arguments.Get<StringValue>(1, "by")?.Value ?? "key";
        bool reverse = arguments.Get<BoolValue>(2, "reverse")?.Value ?? false;
        if (by is not ("key" or "value")) throw TemplateException.Runtime("dictsort goes by key or value");
        IEnumerable<TemplateValue> pairs = map.Entries.Select(entry => new ListValue([new StringValue(entry.Key), entry.Value]));
        return new ListValue(Order([.. pairs], pair => ((ListValue)pair).Items[by == "key" ? 0 : 1], caseSensitive, reverse, limits));
    }

    /// <summary>A value by a path of names and indexes with dots between.</summary>
    public static TemplateValue Attribute(TemplateValue item, string path)
    {
        foreach (string part in path.Split('.'))
        {
            item = item switch
            {
                MapValue map => map.Entries.GetValueOrDefault(part) ?? UndefinedValue.Instance,
                ListValue list when NumberText.ReadInteger(part) is >= 0 and { } index && index < list.Items.Count => list.Items[(int)index],
                _ => UndefinedValue.Instance,
            };
        }
        return item;
    }

    private static TemplateValue[] Order(IReadOnlyList<TemplateValue> items, Func<TemplateValue, TemplateValue> key, bool caseSensitive, bool reverse, RenderLimits limits)
    {
        var comparer = Comparer<TemplateValue>.Create((a, b) =>
        {
            limits.Step();
            int order = Compare(a, b, caseSensitive);
            return reverse ? -order : order;
        });
        try
        {
            return [.. items.OrderBy(key, comparer)];
        }
        catch (InvalidOperationException e) when (e.InnerException is TemplateException inner)
        {
            throw inner;
        }
    }

    private static int Compare(TemplateValue a, TemplateValue b, bool caseSensitive)
    {
        if (Number(a) is { } x && Number(b) is { } y) return x.CompareTo(y);
        return (a, b) switch
        {
            (NoneValue, NoneValue) or (UndefinedValue, UndefinedValue) => 0,
            (StringValue s, StringValue t) => caseSensitive
                ? string.CompareOrdinal(s.Value, t.Value)
                : string.CompareOrdinal(TextCase.Lower(s.Value), TextCase.Lower(t.Value)),
            _ => throw TemplateException.Runtime($"a {a.Kind} cannot be compared with a {b.Kind}"),
        };
    }

    private static double? Number(TemplateValue value) => value switch
    {
        NumberValue number => number.Value,
        BoolValue flag => flag.Value ? 1 : 0,
        _ => null,
    };
}
