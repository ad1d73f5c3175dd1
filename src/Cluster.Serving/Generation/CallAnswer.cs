using Cluster.Decoding;
using Cluster.Serving.Tools;

namespace Cluster.Serving.Generation;

/// <summary>An answer that is the input of one call, known before it began.</summary>
internal sealed class CallAnswer : ChoiceAnswer
{
    private readonly ToolDefinition _tool;
    private readonly StreamingDetokenizer _text;
    private readonly DocumentCheck.Watcher? _document;
    private bool _hasBegun;

    public CallAnswer(PreparedGeneration prepared, int choice, DocumentCheck check)
        : base(prepared, choice)
    {
        _tool = prepared.Plan.Callable[0];
        _text = new StreamingDetokenizer(prepared.Model.Tokenizer);
        _document = _tool.IsStrict ? check.Watch(_tool.Input!) : null;
    }

    public override bool HasCalls => true;

    public override bool IsConstrained => true;

    public override string? Breach => _document?.FindBreach();

    public override void Take(SequenceDelta delta, List<ChoiceEvent> events)
    {
        if (!_hasBegun)
        {
            string id = ToolCallIds.Of(Prepared.Request.RequestId, Choice, 0, Prepared.Plan.Dialect);
            events.Add(new ToolCallBegan(Choice, 0, id, _tool.Name, _tool.IsCustom));
            _hasBegun = true;
        }
        string input = "";
        foreach (int token in delta.Tokens) input += _text.Push(token);
        Tokens += delta.Tokens.Length;
        Add(input, events);
    }

    public override void End(List<ChoiceEvent> events)
    {
        Add(_text.Flush(), events);
        events.Add(new ToolCallEnded(Choice, 0));
    }

    private void Add(string piece, List<ChoiceEvent> events)
    {
        _document?.Append(piece);
        if (piece.Length > 0) events.Add(new ToolCallInput(Choice, 0, piece, _tool.IsCustom));
    }
}
