using Cluster.Decoding;
using Cluster.Serving.Thinking;
using Cluster.Serving.Tools;

namespace Cluster.Serving.Generation;

/// <summary>An answer with thoughts or with calls in their family's form, and perhaps text or a document: taken apart by its automaton.</summary>
internal sealed class TaggedAnswer : ChoiceAnswer
{
    private readonly DocumentCheck _check;
    private readonly TaggedText _text;
    private readonly OutsideText _outside;
    private readonly StopMatcher? _stops;
    private readonly List<TaggedPiece> _pieces = [];
    private readonly DocumentCheck.Watcher? _document;
    private readonly TrimmedText _thoughts = new(trimsEnd: true);
    private TrimmedText? _afterThoughts;
    private DocumentCheck.Watcher? _input;
    private JsonStringReader? _unquoted;
    private readonly bool _mustCall;

    /// <summary>Of tokens that have given no text yet: they may still turn out to begin a call.</summary>
    private readonly List<TokenLogprob> _untold = [];
    private bool _isInCall;
    private bool _hasCalls;
    private string? _breach;

    public TaggedAnswer(PreparedGeneration prepared, int choice, DocumentCheck check)
        : base(prepared, choice)
    {
        _check = check;
        AnswerPlan plan = prepared.Plan;
        _text = new TaggedText(prepared.Grammar!, prepared.Model.Tokenizer, plan.Thinking.Start);
        _mustCall = plan.Tools?.Use == ToolUse.Required;
        bool isFree = !_mustCall && plan.Document is null;
        _outside = new OutsideText(plan.Tools is null ? "" : plan.Dialect.Open, !_mustCall, isFree);
        _stops = isFree && prepared.Request.StopStrings.Length > 0 ? new StopMatcher(prepared.Request.StopStrings) : null;
        _document = plan.Document is not null && prepared.Request.IsStrict ? check.Watch(plan.Document) : null;
    }

    public override bool HasCalls => _hasCalls;

    public override bool IsConstrained => _isInCall || Prepared.Plan.Document is not null || _mustCall;

    public override string? Breach => _breach ?? (_hasCalls ? null : _document?.FindBreach());

    public override void Take(SequenceDelta delta, List<ChoiceEvent> events)
    {
        for (int index = 0; index < delta.Tokens.Length; index++)
        {
            Tokens++;
            bool wasThinking = _text.IsThinking;
            int first = events.Count;
            if (!_text.TryPush(delta.Tokens[index], _pieces)) _breach ??= "The answer is not of the form that constrained it.";
            if (wasThinking || _text.IsThinking) ReasoningTokens++;
            Translate(events);
            if (!delta.Logprobs.IsDefaultOrEmpty && !wasThinking && !_text.IsThinking)
            {
                _untold.Add(delta.Logprobs[index]);
                Tell(events, first);
            }
            if (IsStopped) return;
        }
    }

    public override void End(List<ChoiceEvent> events)
    {
        if (IsStopped) return;
        int first = events.Count;
        _text.End(_pieces);
        Translate(events);
        if (_stops?.Flush() is { Length: > 0 } held) events.Add(new TextGenerated(Choice, held, []));
        Tell(events, first);
        if (_isInCall) _breach ??= "The answer ended inside a call.";
    }

    /// <summary>Log-probabilities go with the text that their tokens made; a call's tokens are no text, and theirs are not told.</summary>
    /// <param name="events">All of this delta.</param>
    /// <param name="first">The first that the newest token gave.</param>
    private void Tell(List<ChoiceEvent> events, int first)
    {
        bool isCall = _isInCall;
        for (int at = events.Count - 1; at >= first && _untold.Count > 0; at--)
        {
            isCall |= events[at] is ToolCallBegan or ToolCallEnded;
            if (events[at] is not TextGenerated text) continue;
            events[at] = text with { Logprobs = ChoiceLogprobs.Describe([.. _untold], Prepared.Model.Tokenizer) };
            _untold.Clear();
        }
        if (isCall) _untold.Clear();
    }

    private void Translate(List<ChoiceEvent> events)
    {
        foreach (TaggedPiece piece in _pieces)
        {
            switch (piece.Kind)
            {
                case PieceKind.Thought:
                    if (_thoughts.Push(piece.Text) is { Length: > 0 } thought) events.Add(new ReasoningGenerated(Choice, thought));
                    break;
                case PieceKind.ThoughtsEnd:
                    _afterThoughts = new TrimmedText(trimsEnd: false);
                    break;
                case PieceKind.CallBegin:
                    Begin(piece, events);
                    break;
                case PieceKind.CallInput:
                    AddInput(piece, events);
                    break;
                case PieceKind.CallEnd:
                    EndCall(piece, events);
                    break;
                default:
                    AddText(_outside.Push(_afterThoughts is null ? piece.Text : _afterThoughts.Push(piece.Text)), events);
                    break;
            }
            if (IsStopped) break;
        }
        _pieces.Clear();
    }

    private void AddText(string text, List<ChoiceEvent> events)
    {
        if (text.Length == 0) return;
        _document?.Append(text);
        if (_stops is not null) (text, IsStopped) = _stops.Push(text);
        if (text.Length > 0) events.Add(new TextGenerated(Choice, text, []));
    }

    private void Begin(TaggedPiece piece, List<ChoiceEvent> events)
    {
        // What a stop string might still have begun with came before the call, and is text.
        if (_stops?.Flush() is { Length: > 0 } held) events.Add(new TextGenerated(Choice, held, []));
        ToolDefinition tool = Prepared.Plan.Callable[piece.Tool];
        _outside.CallBegan();
        (_hasCalls, _isInCall) = (true, true);
        _unquoted = tool is { IsCustom: true, Input: null } ? new JsonStringReader() : null;
        _input = tool is { IsStrict: true, Input: not null } ? _check.Watch(tool.Input) : null;
        events.Add(new ToolCallBegan(Choice, piece.Call, ToolCallIds.Of(Prepared.Request.RequestId, Choice, piece.Call, Prepared.Plan.Dialect), tool.Name, tool.IsCustom));
    }

    private void AddInput(TaggedPiece piece, List<ChoiceEvent> events)
    {
        _input?.Append(piece.Text);
        string text = _unquoted is null ? piece.Text : _unquoted.Push(piece.Text);
        if (text.Length > 0) events.Add(new ToolCallInput(Choice, piece.Call, text, Prepared.Plan.Callable[piece.Tool].IsCustom));
    }

    private void EndCall(TaggedPiece piece, List<ChoiceEvent> events)
    {
        _isInCall = false;
        _breach ??= _input?.FindBreach();
        events.Add(new ToolCallEnded(Choice, piece.Call));
    }
}
