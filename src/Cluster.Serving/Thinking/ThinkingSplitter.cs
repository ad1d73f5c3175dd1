namespace Cluster.Serving.Thinking;

/// <summary>Tells the thoughts of an unconstrained answer from what follows them. Where anything is constrained, the automaton does that.</summary>
internal sealed class ThinkingSplitter
{
    private readonly ThinkingForm _form;
    private readonly TrimmedText _thoughts = new(trimsEnd: true);
    private readonly StopMatcher _closing;
    private TrimmedText? _answer;
    private string _undecided = "";
    private bool _isDecided;

    public ThinkingSplitter(ThinkingForm form)
    {
        _form = form;
        _closing = new StopMatcher([form.Closing]);
        _isDecided = IsThinking = form.Start == ThinkingStart.Open;
    }

    /// <summary>The text stands inside the thoughts.</summary>
    public bool IsThinking { get; private set; }

    /// <returns>What the text adds to the thoughts and to the answer.</returns>
    public (string Thoughts, string Answer) Push(string text)
    {
        if (!_isDecided && !TryDecide(ref text)) return ("", "");
        if (!IsThinking) return ("", _answer is null ? text : _answer.Push(text));
        (string thoughts, bool isOver) = _closing.Push(text);
        thoughts = _thoughts.Push(thoughts);
        if (!isOver) return (thoughts, "");
        IsThinking = false;
        _answer = new TrimmedText(trimsEnd: false);
        return (thoughts, _answer.Push(_closing.Rest));
    }

    /// <summary>What was held back.</summary>
    public (string Thoughts, string Answer) End() => IsThinking ? (_thoughts.Push(_closing.Flush()), "") : ("", _isDecided ? "" : _undecided);

    /// <summary>Does the answer begin with the opening marker?</summary>
    private bool TryDecide(ref string text)
    {
        _undecided += text;
        string begun = _undecided.TrimStart();
        if (begun.Length < _form.Opening.Length && _form.Opening.StartsWith(begun, StringComparison.Ordinal)) return false;
        _isDecided = true;
        IsThinking = begun.StartsWith(_form.Opening, StringComparison.Ordinal);
        text = IsThinking ? begun[_form.Opening.Length..] : _undecided;
        return true;
    }
}
