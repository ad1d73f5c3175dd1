namespace Cluster.Grammar.Validation;

/// <summary>
/// Finds where a value stands, by looking through the whole document. Only failures need it, so that validation itself keeps no path.
/// </summary>
internal static class ValuePath
{
    private sealed record Step(JsonValue Value, Step? Outer, string Segment);

    public static string Of(JsonValue document, JsonValue wanted)
    {
        var open = new Stack<Step>();
        open.Push(new Step(document, null, ""));
        while (open.TryPop(out var step))
        {
            if (ReferenceEquals(step.Value, wanted)) return Write(step);
            for (int i = 0; i < step.Value.Items.Length; i++) open.Push(new Step(step.Value.Items[i], step, $"{i}"));
            foreach (var (name, value) in step.Value.Members) open.Push(new Step(value, step, name));
        }
        return "";
    }

    private static string Write(Step last)
    {
        var segments = new List<string>();
        for (var step = last; step.Outer is not null; step = step.Outer)
        {
            segments.Add("/" + step.Segment.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
        }
        segments.Reverse();
        return string.Concat(segments);
    }
}
