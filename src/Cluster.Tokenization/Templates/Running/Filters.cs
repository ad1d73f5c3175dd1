using Cluster.Tokenization.Templates.Syntax;
using Cluster.Tokenization.Templates.Values;

namespace Cluster.Tokenization.Templates.Running;

/// <summary>The filters after "|", by the kind of what they are applied to.</summary>
internal sealed class Filters(RenderLimits limits, Methods methods)
{
    private readonly FilterCalls _calls = new(limits, methods);

    /// <summary>A filter with arguments.</summary>
    public TemplateValue Apply(TemplateValue operand, string name, TemplateNode.Call call, CallArguments arguments) => _calls.Apply(operand, name, call, arguments);

    /// <summary>A filter without arguments.</summary>
    public TemplateValue Apply(TemplateValue operand, string name)
    {
        if (name == "safe") return operand;
        if (name == "tojson") return new StringValue(TemplateJson.Write(operand, new JsonStyle(), limits));
        if (name is "default" or "d") return operand is UndefinedValue ? StringValue.Empty : operand;
        return operand switch
        {
            ListValue list => OfList(list, name),
            StringValue text => OfString(text, name),
            NumberValue number => OfNumber(number, name),
            BoolValue flag => OfBool(flag, name),
            MapValue { IsNamespace: false } map => OfMap(map, name),
            _ => null,
        } ?? throw TemplateException.Runtime($"no filter {name} for a {operand.Kind}");
    }

    private TemplateValue? OfList(ListValue list, string name)
    {
        limits.StepItems(list.Items.Count);
        return name switch
        {
            "list" => list,
            "first" => list.Items.Count > 0 ? list.Items[0] : UndefinedValue.Instance,
            "last" => list.Items.Count > 0 ? list.Items[^1] : UndefinedValue.Instance,
            "length" or "count" => new NumberValue(list.Items.Count, isFloat: false),
            "reverse" => new ListValue([.. list.Items.Reverse()]),
            "sort" => Sorting.Sort(list, CallArguments.None, limits),
            "join" => new StringValue(FilterCalls.Join(list.Items, "", limits)),
            "string" => new StringValue(list.ToText(limits)),
            "unique" => Unique(list),
            _ => null,
        };
    }

    private static ListValue Unique(ListValue list)
    {
        var seen = new HashSet<object>();
        return new ListValue([.. list.Items.Where(item => seen.Add(item switch
        {
            StringValue text => text.Value,
            NumberValue number => number.Value,
            BoolValue flag => flag.Value,
            _ => item,
        }))]);
    }

    private TemplateValue? OfString(StringValue text, string name)
    {
        limits.Text(text.Value.Length);
        return name switch
        {
            "length" or "count" => new NumberValue(text.Value.Length, isFloat: false),
            "upper" => new StringValue(TextCase.Upper(text.Value)),
            "lower" => new StringValue(TextCase.Lower(text.Value)),
            "title" => new StringValue(TextCase.Title(text.Value)),
            "capitalize" => new StringValue(Methods.Capitalize(text.Value)),
            "trim" => new StringValue(WhiteSpaceControl.Trim(text.Value)),
            "indent" => FilterCalls.Indent(text.Value, CallArguments.None, limits),
            "join" or "string" => text,
            "int" => new NumberValue(NumberText.ReadInteger(text.Value) ?? 0, isFloat: false),
            "float" => new NumberValue(NumberText.ReadFloat(text.Value) ?? 0, isFloat: true),
            "list" => new ListValue([.. Methods.SplitPoints(text.Value).Select(point => new StringValue(point))]),
            _ => null,
        };
    }

    private TemplateValue? OfNumber(NumberValue number, string name) => name switch
    {
        "abs" => new NumberValue(Math.Abs(number.Value), number.IsFloat),
        "int" => new NumberValue(Math.Floor(number.Value), isFloat: false),
        "float" => new NumberValue(number.Value, isFloat: true),
        "string" => new StringValue(number.ToText(limits)),
        _ => null,
    };

    private static TemplateValue? OfBool(BoolValue flag, string name) => name switch
    {
        "bool" => flag,
        "int" or "float" => new NumberValue(flag.Value ? 1 : 0, isFloat: name == "float"),
        "string" => new StringValue(flag.Value ? "true" : "false"),
        _ => null,
    };

    private TemplateValue? OfMap(MapValue map, string name) => name switch
    {
        "items" => methods.Items(map),
        "length" or "count" => new NumberValue(map.Entries.Count, isFloat: false),
        // The reference implementation has none; templates that ask for it were trained with Python's spelling.
        "string" => new StringValue(PythonText.Of(map, limits)),
        "list" => new ListValue([.. map.Entries.Keys.Select(key => new StringValue(key))]),
        _ => methods.OfMap(map, name) is FunctionValue function ? function.Invoke(CallArguments.None, new Scope()) : null,
    };
}
