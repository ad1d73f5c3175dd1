using Cluster.Decoding;
using Cluster.Serving.Tools;

namespace Cluster.Serving.Generation;

/// <summary>An answer with calls in their family's form, and perhaps text or a document: taken apart by its automaton.</summary>
internal sealed class TaggedAnswer : ChoiceAnswer
{
    private readonly DocumentCheck _check;
    private readonly TaggedText _text;
    private readonly OutsideText _outside;
    private readonly StopMatcher? _stops;
    private readonly List<TaggedPiece> _pieces = [];
    private readonly DocumentCheck.Watcher? _document;
    private DocumentCheck.Watcher? _input;
    private JsonStringReader? _unquoted;
    private bool _isInCall;
    private bool _hasCalls;
    private string? _breach;

    public TaggedAnswer(PreparedGeneration prepared, int choice, DocumentCheck check)
        : base(prepared, choice)
    {
        _check = check;
        _text = new TaggedText(prepared.Grammar!, prepared.Model.Tokenizer);
        AnswerPlan plan = prepared.Plan;
        bool isRequired = prepared.Request.Tools!.Use == ToolUse.Required;
        bool isFree = !isRequired && plan.Document is null;
        _outside = new OutsideText(plan.Dialect.Open, !isRequired, isFree);
        _stops = isFree && prepared.Request.StopStrings.Length > 0 ? new StopMatcher(prepared.Request.StopStrings) : null;
        _document = plan.Document is not null && prepared.Request.IsStrict ? check.Watch(plan.Document) : null;
    }

    public override bool HasCalls => _hasCalls;

    public override bool IsConstrained => _isInCall || Prepared.Plan.Document is not null || Prepared.Request.Tools!.Use == ToolUse.Required;

    public override string? Breach => _breach ?? (_hasCalls ? null : _document?.FindBreach());

    public override void Take(SequenceDelta delta, List<ChoiceEvent> events)
    {
        foreach (int token in delta.Tokens)
        {
            Tokens++;
            if (!_text.TryPush(token, _pieces)) _breach ??= "The answer is not of the form that constrained it.";
            Translate(events);
            if (IsStopped) return;
        }
        if (!delta.Logprobs.IsEmpty) events.Add(new TextGenerated(Choice, "", ChoiceText.Describe(delta.Logprobs, Prepared.Model.Tokenizer)));
    }

    public override void End(List<ChoiceEvent> events)
    {
        if (IsStopped) return;
        _text.End(_pieces);
        Translate(events);
        if (_stops?.Flush() is { Length: > 0 } held) events.Add(new TextGenerated(Choice, held, []));
        if (_isInCall) _breach ??= "The answer ended inside a call.";
    }

    private void Translate(List<ChoiceEvent> events)
    {
        foreach (TaggedPiece piece in _pieces)
        {
            if (piece.Call < 0) AddText(_outside.Push(piece.Text), events);
            else if (piece.IsBegin) Begin(piece, events);
            else if (piece.IsEnd) EndCall(piece, events);
            else AddInput(piece, events);
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
        ToolDefinition tool = Prepared.Plan.Tools[piece.Tool];
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
        if (text.Length > 0) events.Add(new ToolCallInput(Choice, piece.Call, text, Prepared.Plan.Tools[piece.Tool].IsCustom));
    }

    private void EndCall(TaggedPiece piece, List<ChoiceEvent> events)
    {
        _isInCall = false;
        _breach ??= _input?.FindBreach();
        events.Add(new ToolCallEnded(Choice, piece.Call));
    }
}
