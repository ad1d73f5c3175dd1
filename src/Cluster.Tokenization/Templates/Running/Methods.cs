using System.Text;
using Cluster.Tokenization.Patterns;
using Cluster.Tokenization.Templates.Syntax;
using Cluster.Tokenization.Templates.Values;

namespace Cluster.Tokenization.Templates.Running;

/// <summary>Attributes, items and methods of values.</summary>
internal sealed class Methods(RenderLimits limits)
{
    public TemplateValue Member(TemplateValue target, TemplateValue property)
    {
        switch (target, property)
        {
            case (MapValue map, StringValue key):
                if (map.Entries.TryGetValue(key.Value, out TemplateValue? entry)) return entry;
                return map.IsNamespace ? UndefinedValue.Instance : OfMap(map, key.Value) ?? UndefinedValue.Instance;
            case (ListValue list, NumberValue { IsFloat: false } index):
                return At(list.Items.Count, index.Value) is { } place ? list.Items[place] : UndefinedValue.Instance;
            case (StringValue text, NumberValue { IsFloat: false } index):
                return At(text.Value.Length, index.Value) is { } letter ? new StringValue(text.Value[letter].ToString()) : UndefinedValue.Instance;
            case (ListValue list, StringValue name):
                return name.Value == "length" ? new NumberValue(list.Items.Count, isFloat: false) : UndefinedValue.Instance;
            case (StringValue text, StringValue name):
                return OfString(text.Value, name.Value) ?? UndefinedValue.Instance;
            case (_, StringValue):
                return UndefinedValue.Instance;
            default:
                throw TemplateException.Runtime($"a {target.Kind} has no member that is named by a {property.Kind}");
        }
    }

    public TemplateValue? OfMap(MapValue map, string name) => name switch
    {
        "get" => Function(arguments => arguments.Get(0) is StringValue key
            ? map.Entries.TryGetValue(key.Value, out TemplateValue? value) ? value : arguments.Get(1) ?? NoneValue.Instance
            : throw TemplateException.Runtime("a mapping's keys are strings")),
        "items" => Function(_ => Items(map)),
        "keys" => Function(_ => new ListValue([.. map.Entries.Keys.Select(key => new StringValue(key))])),
        "values" => Function(_ => new ListValue([.. map.Entries.Values])),
        "dictsort" => Function(arguments => Sorting.SortMap(map, arguments, limits)),
        _ => null,
    };

    public ListValue Items(MapValue map)
    {
        limits.StepItems(map.Entries.Count);
        return new ListValue([.. map.Entries.Select(entry => new ListValue([new StringValue(entry.Key), entry.Value]))]);
    }

    public TemplateValue? OfString(string text, string name) => name switch
    {
        "length" => new NumberValue(text.Length, isFloat: false),
        "upper" => Text(text, TextCase.Upper),
        "lower" => Text(text, TextCase.Lower),
        "title" => Text(text, TextCase.Title),
        "capitalize" => Text(text, Capitalize),
        "strip" => Text(text, WhiteSpaceControl.Trim),
        "lstrip" => Text(text, WhiteSpaceControl.TrimStart),
        "rstrip" => Text(text, WhiteSpaceControl.TrimEnd),
        "startswith" => Function(arguments => BoolValue.Of(AnyAffix(arguments, affix => text.StartsWith(affix, StringComparison.Ordinal)))),
        "endswith" => Function(arguments => BoolValue.Of(AnyAffix(arguments, affix => text.EndsWith(affix, StringComparison.Ordinal)))),
        "split" => Function(arguments => Split(text, arguments)),
        "replace" => Function(arguments => Replace(text, arguments)),
        _ => null,
    };

    public static string Capitalize(string text) => text.Length == 0 ? text : TextCase.Upper(text[..1]) + text[1..];

    public static List<string> SplitPoints(string text)
    {
        var points = new List<string>(text.Length);
        for (int i = 0, length; i < text.Length; i += length)
        {
            CodePoints.At(text, i, out length);
            points.Add(text.Substring(i, length));
        }
        return points;
    }

    public StringValue Replace(string text, CallArguments arguments)
    {
        if (arguments.Get(0) is not StringValue old || arguments.Get(1) is not StringValue replacement) throw TemplateException.Runtime("replace takes two strings");
        double? count = arguments.Get(2, "count") switch
        {
            null or NoneValue => null,
            NumberValue { IsFloat: false } number => number.Value,
            _ => throw TemplateException.Runtime("replace's count is an integer"),
        };
        if (count == 0) return new StringValue(text);
        double left = count is null or < 0 ? double.PositiveInfinity : count.Value;
        var result = new LimitedText(limits);
        int done = 0;
        for (int from = 0; left > 0 && from <= text.Length; left--)
        {
            int at = text.IndexOf(old.Value, from, StringComparison.Ordinal);
            if (at < 0) break;
            result.Append(text.AsSpan(done, at - done));
            result.Append(replacement.Value);
            done = at + old.Value.Length;
            // An empty string is found once at every place between code points.
            if (old.Value.Length > 0) from = done;
            else from = at < text.Length ? at + LengthAt(text, at) : at + 1;
        }
        result.Append(text.AsSpan(done));
        return new StringValue(result.ToString());
    }

    private static int LengthAt(string text, int index)
    {
        CodePoints.At(text, index, out int length);
        return length;
    }

    private ListValue Split(string text, CallArguments arguments)
    {
        TemplateValue separator = arguments.Get(0, "sep") ?? NoneValue.Instance;
        double limit = arguments.Get(1, "maxsplit") switch
        {
            null => -1,
            NumberValue { IsFloat: false } number => number.Value,
            _ => throw TemplateException.Runtime("split's maxsplit is an integer"),
        };
        limits.Text(text.Length);
        List<string> parts = separator switch
        {
            NoneValue => SplitSpace(text, limit),
            StringValue { Value.Length: > 0 } s => SplitAt(text, s.Value, limit),
            _ => throw TemplateException.Runtime("split's separator is a string that is not empty"),
        };
        limits.StepItems(parts.Count);
        return new ListValue([.. parts.Select(part => new StringValue(part))]);
    }

    private static List<string> SplitAt(string text, string separator, double limit)
    {
        int count = limit < 0 || limit >= int.MaxValue ? int.MaxValue : (int)limit + 1;
        return [.. text.Split(separator, count)];
    }

    private static List<string> SplitSpace(string text, double limit)
    {
        var parts = new List<string>();
        text = WhiteSpaceControl.TrimStart(text);
        for (int at = 0; at < text.Length;)
        {
            int end = at;
            while (end < text.Length && !WhiteSpaceControl.IsSpace(text[end])) end++;
            bool last = limit >= 0 && parts.Count >= limit;
            parts.Add(last ? text[at..] : text[at..end]);
            if (last) break;
            for (at = end; at < text.Length && WhiteSpaceControl.IsSpace(text[at]);) at++;
        }
        return parts;
    }

    private static bool AnyAffix(CallArguments arguments, Func<string, bool> matches) => arguments.Get(0) switch
    {
        StringValue affix => matches(affix.Value),
        ListValue list when list.Items.All(item => item is StringValue) => list.Items.Any(item => matches(((StringValue)item).Value)),
        _ => throw TemplateException.Runtime("startswith and endswith take a string or a tuple of strings"),
    };

    private static int? At(int count, double index)
    {
        double place = index < 0 ? index + count : index;
        return place >= 0 && place < count ? (int)place : null;
    }

    private FunctionValue Text(string text, Func<string, string> change) => Function(_ =>
    {
        limits.Text(text.Length);
        return new StringValue(change(text));
    });

    private static FunctionValue Function(Func<CallArguments, TemplateValue> body) => new((arguments, _) => body(arguments));
}
