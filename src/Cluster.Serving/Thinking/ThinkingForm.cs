namespace Cluster.Serving.Thinking;

/// <summary>Whether an answer begins with the model's own thoughts.</summary>
public enum ThinkingStart
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>It may: the model opens its thoughts by itself, or answers at once.</summary>
    ByModel,

    /// <summary>It does: the prompt has opened them.</summary>
    Open,
}

/// <summary>How a model marks its thoughts in one answer.</summary>
/// <param name="Start">Whether there are any.</param>
/// <param name="Opening">Before them.</param>
/// <param name="Closing">After them.</param>
public sealed record ThinkingForm(ThinkingStart Start, string Opening, string Closing)
{
    private static readonly (string Opening, string Closing)[] Markers = [("<think>", "</think>"), ("[THINK]", "[/THINK]")];

    public static ThinkingForm None { get; } = new(ThinkingStart.None, "", "");

    /// <summary>What the model's template says of its thoughts, and where the prompt leaves it.</summary>
    /// <param name="template">Source of the chat template.</param>
    /// <param name="prompt">As it was rendered: it may end with an opening marker, or with thoughts that are empty already.</param>
    public static ThinkingForm Of(string template, string prompt)
    {
        foreach ((string opening, string closing) in Markers)
        {
            if (!template.Contains(closing, StringComparison.Ordinal)) continue;
            ReadOnlySpan<char> end = prompt.AsSpan().TrimEnd();
            return end.EndsWith(closing, StringComparison.Ordinal) ? None
                : new ThinkingForm(end.EndsWith(opening, StringComparison.Ordinal) ? ThinkingStart.Open : ThinkingStart.ByModel, opening, closing);
        }
        return None;
    }
}
