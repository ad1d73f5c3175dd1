using Cluster.Tokenization.Templates.Values;

namespace Cluster.Tokenization.Templates.Running;

/// <summary>value[start:stop:step], by Python's rules. Strings are cut by code points.</summary>
internal static class Slicing
{
    public static TemplateValue Apply(TemplateValue target, TemplateValue start, TemplateValue stop, TemplateValue step, RenderLimits limits)
    {
        double? from = Bound(start), to = Bound(stop);
        double stride = Bound(step) ?? 1;
        switch (target)
        {
            case ListValue list:
                return new ListValue(Take(list.Items, from, to, stride, limits));
            case StringValue text:
                limits.Text(text.Value.Length);
                List<string> taken = Take(Methods.SplitPoints(text.Value), from, to, stride, limits);
                return new StringValue(string.Concat(taken));
            default:
                throw TemplateException.Runtime($"a {target.Kind} has no slices");
        }
    }

    private static double? Bound(TemplateValue value) => value switch
    {
        UndefinedValue => null,
        NumberValue { IsFloat: false } number => number.Value,
        _ => throw TemplateException.Runtime("a slice's bounds are integers"),
    };

    private static List<T> Take<T>(IReadOnlyList<T> items, double? start, double? stop, double step, RenderLimits limits)
    {
        // Python raises here; the reference implementation takes nothing.
        if (step == 0) return [];
        double count = items.Count;
        double from, to;
        if (step > 0)
        {
            from = start ?? 0;
            to = stop ?? count;
            from = from < 0 ? Math.Max(count + from, 0) : Math.Min(from, count);
            to = to < 0 ? Math.Max(count + to, 0) : Math.Min(to, count);
        }
        else
        {
            from = start ?? count - 1;
            to = stop ?? -1;
            from = from < 0 ? Math.Max(count + from, -1) : Math.Min(from, count - 1);
            // Left out and given as -1 are the same here, as in the reference implementation.
            to = to < -1 ? Math.Max(count + to, -1) : Math.Min(to, count - 1);
        }
        var result = new List<T>();
        for (double i = from; step > 0 ? i < to : i > to; i += step) result.Add(items[(int)i]);
        limits.StepItems(result.Count);
        return result;
    }
}
