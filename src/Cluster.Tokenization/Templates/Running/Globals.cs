using System.Globalization;
using System.Text;
using Cluster.Tokenization.Templates.Values;

namespace Cluster.Tokenization.Templates.Running;

/// <summary>What every template finds in its outermost scope.</summary>
internal static class Globals
{
    public static Scope Create(TimeProvider time, RenderLimits limits)
    {
        var scope = new Scope();
        foreach (string spelling in (ReadOnlySpan<string>)["true", "True"]) scope.Set(spelling, BoolValue.True);
        foreach (string spelling in (ReadOnlySpan<string>)["false", "False"]) scope.Set(spelling, BoolValue.False);
        foreach (string spelling in (ReadOnlySpan<string>)["none", "None"]) scope.Set(spelling, NoneValue.Instance);
        scope.Set("raise_exception", new FunctionValue((arguments, _) => throw new TemplateException(TemplateError.Raised, arguments.Get(0)?.ToText(limits) ?? "")));
        scope.Set("range", new FunctionValue((arguments, _) => Range(arguments, limits)));
        scope.Set("strftime_now", new FunctionValue((arguments, _) =>
            new StringValue(FormatTime(time.GetLocalNow(), arguments.Get(0) is StringValue format ? format.Value : throw TemplateException.Runtime("strftime_now takes a string")))));
        scope.Set("namespace", new FunctionValue((arguments, _) => Namespace(arguments, limits)));
        return scope;
    }

    private static ListValue Range(CallArguments arguments, RenderLimits limits)
    {
        double[] numbers = [.. arguments.Positional.Select(value => value is NumberValue number ? number.Value : throw TemplateException.Runtime("range takes numbers"))];
        (double start, double stop, double step) = numbers switch
        {
            [double to] => (0, to, 1),
            [double from, double to] => (from, to, 1),
            [double from, double to, double by] when by != 0 => (from, to, by),
            _ => throw TemplateException.Runtime("range takes one to three numbers, and no step of zero"),
        };
        var items = new List<TemplateValue>();
        for (double i = start; step > 0 ? i < stop : i > stop; i += step)
        {
            limits.Step();
            items.Add(new NumberValue(i, isFloat: i % 1 != 0));
        }
        return new ListValue(items);
    }

    /// <summary>A copy of a mapping or of a list of pairs, and the keywords.</summary>
    private static MapValue Namespace(CallArguments arguments, RenderLimits limits)
    {
        if (arguments.Positional.Count > 1) throw TemplateException.Runtime("namespace takes at most one argument");
        var entries = new OrderedDictionary<string, TemplateValue>();
        switch (arguments.Get(0))
        {
            case null:
                break;
            case MapValue { IsNamespace: false } map:
                foreach ((string key, TemplateValue value) in map.Entries) entries[key] = value;
                break;
            case ListValue list:
                foreach (TemplateValue pair in list.Items)
                {
                    if (pair is not ListValue { Items: [StringValue key, { } value] }) throw TemplateException.Runtime("namespace takes pairs of key and value");
                    entries[key.Value] = value;
                }
                break;
            case { } other:
                throw TemplateException.Runtime($"namespace cannot copy a {other.Kind}");
        }
        limits.StepItems(entries.Count);
        foreach ((string key, TemplateValue value) in arguments.Keywords) entries[key] = value;
        return new MapValue(entries, isNamespace: true);
    }

    /// <summary>The directives of strftime that templates use; others stay as they are.</summary>
    public static string FormatTime(DateTimeOffset time, string format)
    {
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            string? part = format[i] != '%' || i + 1 == format.Length ? null : format[i + 1] switch
            {
                'Y' => time.Year.ToString(CultureInfo.InvariantCulture),
                'y' => Invariant("yy"),
                'm' => Invariant("MM"),
                'd' => Invariant("dd"),
                'b' => Invariant("MMM"),
                'B' => Invariant("MMMM"),
                'a' => Invariant("ddd"),
                'A' => Invariant("dddd"),
                'H' => Invariant("HH"),
                'I' => Invariant("hh"),
                'p' => Invariant("tt"),
                'M' => Invariant("mm"),
                'S' => Invariant("ss"),
                'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
                '%' => "%",
                _ => null,
            };
            if (part is null)
            {
                text.Append(format[i]);
                continue;
            }
            text.Append(part);
            i++;
        }
        return text.ToString();

        string Invariant(string dotnetFormat) => time.ToString(dotnetFormat, CultureInfo.InvariantCulture);
    }
}
