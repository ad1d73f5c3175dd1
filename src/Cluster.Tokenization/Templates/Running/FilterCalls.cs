using Cluster.Tokenization.Templates.Syntax;
using Cluster.Tokenization.Templates.Values;

namespace Cluster.Tokenization.Templates.Running;

/// <summary>Filters with arguments.</summary>
internal sealed class FilterCalls(RenderLimits limits, Methods methods)
{
    public TemplateValue Apply(TemplateValue operand, string name, TemplateNode.Call call, CallArguments arguments) =>
        (name, operand) switch
        {
            ("tojson", _) => ToJson(operand, arguments),
            ("join", StringValue text) => new StringValue(Join([.. Methods.SplitPoints(text.Value).Select(point => new StringValue(point))], Separator(arguments), limits)),
            ("join", ListValue list) => new StringValue(Join(list.Items, Separator(arguments), limits)),
            ("int" or "float", _) => ToNumber(operand, name == "float", arguments),
            ("default" or "d", _) => Default(operand, arguments),
            ("sort", ListValue list) => Sorting.Sort(list, arguments, limits),
            ("selectattr" or "rejectattr", ListValue list) => SelectAttribute(list, name, call, arguments),
            ("map", ListValue list) => MapAttribute(list, arguments),
            ("indent", StringValue text) => Indent(text.Value, arguments, limits),
            ("replace", StringValue text) => methods.Replace(text.Value, arguments),
            ("trim" or "upper" or "lower" or "title" or "capitalize" or "string" or "length" or "list" or "first" or "last" or "unique" or "reverse", _)
                when arguments.Positional.Count + arguments.Keywords.Count == 0 => new Filters(limits, methods).Apply(operand, name),
            (_, MapValue { IsNamespace: false } map) when methods.OfMap(map, name) is FunctionValue function => function.Invoke(arguments, new Scope()),
            _ => throw TemplateException.Runtime($"no filter {name}(…) for a {operand.Kind}"),
        };

    public static string Join(IReadOnlyList<TemplateValue> items, string separator, RenderLimits limits)
    {
        var text = new LimitedText(limits);
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0) text.Append(separator);
            if (items[i] is not (NoneValue or UndefinedValue)) text.Append(items[i].ToJoined(limits));
        }
        return text.ToString();
    }

    public static StringValue Indent(string text, CallArguments arguments, RenderLimits limits)
    {
        double width = arguments.Get<NumberValue>(0, "width")?.Value ?? 4;
        bool first = arguments.Get(1, "first")?.IsTrue ?? false, blank = arguments.Get(2, "blank")?.IsTrue ?? false;
        if (width < 0) throw TemplateException.Runtime("indent's width is not negative");
        limits.Text((long)Math.Min(width, int.MaxValue));
        string[] lines = text.Split('\n');
        var result = new LimitedText(limits);
        for (int i = 0; i < lines.Length; i++)
        {
            if (i > 0) result.Append('\n');
            if ((i > 0 || first) && (lines[i].Length > 0 || blank)) result.Append(' ', (int)width);
            result.Append(lines[i]);
        }
        return new StringValue(result.ToString());
    }

    private static string Separator(CallArguments arguments) => arguments.Get<StringValue>(0, "separator")?.Value ?? arguments.Get<StringValue>(-1, "d")?.Value ?? "";

    private StringValue ToJson(TemplateValue operand, CallArguments arguments)
    {
        double indent = arguments.Get(-1, "indent") switch
        {
            null or NoneValue => 0,
            NumberValue { IsFloat: false } number => number.Value,
            _ => throw TemplateException.Runtime("tojson's indent is an integer"),
        };
        limits.Text((long)Math.Clamp(indent, 0, int.MaxValue));
        var style = new JsonStyle
        {
            Indent = (int)Math.Max(indent, 0),
            EnsureAscii = arguments.Get<BoolValue>(-1, "ensure_ascii")?.Value ?? false,
            SortKeys = arguments.Get<BoolValue>(-1, "sort_keys")?.Value ?? false,
            Separators = arguments.Get(-1, "separators") switch
            {
                null or NoneValue => null,
                ListValue { Items: [StringValue item, StringValue key] } => (item.Value, key.Value),
                _ => throw TemplateException.Runtime("tojson's separators are two strings"),
            },
        };
        return new StringValue(TemplateJson.Write(operand, style, limits));
    }

    private static TemplateValue ToNumber(TemplateValue operand, bool isFloat, CallArguments arguments)
    {
        TemplateValue otherwise = arguments.Get(0, "default") ?? new NumberValue(0, isFloat);
        switch (operand)
        {
            case StringValue text:
                double? read = isFloat ? NumberText.ReadFloat(text.Value) : NumberText.ReadInteger(text.Value);
                return read is { } value ? new NumberValue(value, isFloat) : otherwise;
            case NumberValue:
                return operand;
            case BoolValue flag:
                return new NumberValue(flag.Value ? 1 : 0, isFloat);
            default:
                throw TemplateException.Runtime($"a {operand.Kind} is not a number");
        }
    }

    private static TemplateValue Default(TemplateValue operand, CallArguments arguments)
    {
        bool whenFalse = arguments.Get<BoolValue>(1, "boolean")?.Value ?? false;
        return operand is UndefinedValue || (whenFalse && !operand.IsTrue) ? arguments.Get(0, "default_value") ?? StringValue.Empty : operand;
    }

    private ListValue SelectAttribute(ListValue list, string name, TemplateNode.Call call, CallArguments arguments)
    {
        if (!call.Arguments.All(argument => argument is TemplateNode.String) || arguments.Get(0) is not StringValue attribute) throw TemplateException.Runtime($"{name} takes strings");
        limits.StepItems(list.Items.Count);
        string? test = (arguments.Get(1) as StringValue)?.Value;
        return new ListValue([.. list.Items.Where(item =>
        {
            if (item is not MapValue map) throw TemplateException.Runtime($"{name} takes a list of mappings");
            bool holds = map.Entries.TryGetValue(attribute.Value, out TemplateValue? value) && (test is null ? value.IsTrue : Tests.Holds(test, value, arguments.Get(2)));
            return holds == (name == "selectattr");
        })]);
    }

    private ListValue MapAttribute(ListValue list, CallArguments arguments)
    {
        string path = arguments.Get<StringValue>(-1, "attribute")?.Value ?? throw TemplateException.Runtime("map takes an attribute");
        TemplateValue otherwise = arguments.Get(-1, "default") ?? UndefinedValue.Instance;
        limits.StepItems(list.Items.Count);
        return new ListValue([.. list.Items.Select(item =>
        {
            if (item is not MapValue) throw TemplateException.Runtime("map(attribute=…) takes a list of mappings");
            return Sorting.Attribute(item, path) is UndefinedValue ? otherwise : Sorting.Attribute(item, path);
        })]);
    }
}
