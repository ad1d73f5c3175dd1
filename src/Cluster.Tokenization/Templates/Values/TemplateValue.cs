namespace Cluster.Tokenization.Templates.Values;

/// <summary>What an expression of a template comes to.</summary>
internal abstract class TemplateValue
{
    /// <summary>How messages name the kind.</summary>
    public abstract string Kind { get; }

    public virtual bool IsTrue => true;

    /// <summary>What {{ value }} writes.</summary>
    public abstract string ToText(RenderLimits limits);

    /// <summary>What joining to a string writes: as {{ value }} does, but for floats, lists and mappings.</summary>
    public virtual string ToJoined(RenderLimits limits) => ToText(limits);
}

internal sealed class UndefinedValue : TemplateValue
{
    public static UndefinedValue Instance { get; } = new();

    public override string Kind => "undefined";

    public override bool IsTrue => false;

    public override string ToText(RenderLimits limits) => "";
}

internal sealed class NoneValue : TemplateValue
{
    public static NoneValue Instance { get; } = new();

    public override string Kind => "none";

    public override bool IsTrue => false;

    public override string ToText(RenderLimits limits) => "";

    public override string ToJoined(RenderLimits limits) => "null";
}

internal sealed class BoolValue : TemplateValue
{
    private BoolValue(bool value) => Value = value;

    public static BoolValue True { get; } = new(true);

    public static BoolValue False { get; } = new(false);

    public bool Value { get; }

    public override string Kind => "boolean";

    public override bool IsTrue => Value;

    public static BoolValue Of(bool value) => value ? True : False;

    public override string ToText(RenderLimits limits) => Value ? "true" : "false";
}

/// <summary>An integer or a float; integers are held as doubles, as the reference implementation does.</summary>
internal sealed class NumberValue(double value, bool isFloat, string? exact = null) : TemplateValue
{
    public double Value { get; } = value;

    public bool IsFloat { get; } = isFloat;

    /// <summary>Digits of an integer of the input that a double cannot hold, so that a schema's bounds come out as they went in.</summary>
    public string? Exact { get; } = exact;

    public override string Kind => IsFloat ? "float" : "integer";

    public override bool IsTrue => Value != 0 && !double.IsNaN(Value);

    public override string ToText(RenderLimits limits) => Exact ?? (IsFloat ? NumberText.OfFloat(Value) : NumberText.Of(Value));

    public override string ToJoined(RenderLimits limits) => Exact ?? NumberText.Of(Value);
}

internal sealed class StringValue(string value) : TemplateValue
{
    public static StringValue Empty { get; } = new("");

    public string Value { get; } = value;

    public override string Kind => "string";

    public override bool IsTrue => Value.Length > 0;

    public override string ToText(RenderLimits limits) => Value;
}

/// <summary>A list, or a tuple: a literal with commas.</summary>
internal sealed class ListValue(IReadOnlyList<TemplateValue> items, bool isTuple = false) : TemplateValue
{
    public IReadOnlyList<TemplateValue> Items { get; } = items;

    public bool IsTuple { get; } = isTuple;

    public override string Kind => IsTuple ? "tuple" : "list";

    public override bool IsTrue => Items.Count > 0;

    public override string ToText(RenderLimits limits) => TemplateJson.Write(this, new JsonStyle { UndefinedText = "undefined" }, limits);

    public override string ToJoined(RenderLimits limits)
    {
        var text = new LimitedText(limits);
        for (int i = 0; i < Items.Count; i++)
        {
            if (i > 0) text.Append(",");
            text.Append(Items[i] is NoneValue or UndefinedValue ? (Items[i] is NoneValue ? "null" : "undefined") : Items[i].ToText(limits));
        }
        return text.ToString();
    }
}

/// <summary>A mapping, in the order of insertion. A namespace is one whose attributes a template may set, and which has no methods.</summary>
internal sealed class MapValue(OrderedDictionary<string, TemplateValue> entries, bool isNamespace = false) : TemplateValue
{
    public OrderedDictionary<string, TemplateValue> Entries { get; } = entries;

    public bool IsNamespace { get; } = isNamespace;

    public override string Kind => IsNamespace ? "namespace" : "mapping";

    public override bool IsTrue => IsNamespace || Entries.Count > 0;

    public override string ToText(RenderLimits limits) => TemplateJson.Write(this, new JsonStyle { UndefinedText = "undefined" }, limits);

    public override string ToJoined(RenderLimits limits) => "[object Map]";
}

/// <summary>Something to call: a macro, a method, a global function.</summary>
internal sealed class FunctionValue(FunctionValue.Body body) : TemplateValue
{
    /// <param name="scope">Where the call stands: macros see its variables.</param>
    public delegate TemplateValue Body(CallArguments arguments, Running.Scope scope);

    public Body Invoke { get; } = body;

    public override string Kind => "function";

    public override string ToText(RenderLimits limits) => throw TemplateException.Runtime("a function is not text");
}

/// <summary>Arguments of a call, evaluated.</summary>
internal sealed class CallArguments(List<TemplateValue> positional, OrderedDictionary<string, TemplateValue> keywords)
{
    public static CallArguments None { get; } = new([], []);

    public List<TemplateValue> Positional { get; } = positional;

    public OrderedDictionary<string, TemplateValue> Keywords { get; } = keywords;

    /// <summary>The argument at <paramref name="index"/>, or of that name, or null.</summary>
    public TemplateValue? Get(int index, string? name = null)
    {
        if (index >= 0 && index < Positional.Count) return Positional[index];
        return name is not null && Keywords.TryGetValue(name, out TemplateValue? value) ? value : null;
    }

    /// <summary>The same, of a kind; null where absent.</summary>
    public T? Get<T>(int index, string name) where T : TemplateValue => Get(index, name) switch
    {
        null => null,
        T value => value,
        TemplateValue other => throw TemplateException.Runtime($"the argument {name} cannot be a {other.Kind}"),
    };
}
