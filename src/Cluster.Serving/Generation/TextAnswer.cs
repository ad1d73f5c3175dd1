using System.Collections.Immutable;
using Cluster.Decoding;
using Cluster.Serving.Tools;

namespace Cluster.Serving.Generation;

/// <summary>An answer that is text, free or one document.</summary>
internal sealed class TextAnswer : ChoiceAnswer
{
    private readonly ChoiceText _text;
    private readonly DocumentCheck.Watcher? _document;

    public TextAnswer(PreparedGeneration prepared, int choice, DocumentCheck check)
        : base(prepared, choice)
    {
        IsConstrained = prepared.Plan.Shape == AnswerShape.Document;
        _text = new ChoiceText(prepared.Model.Tokenizer, IsConstrained ? [] : prepared.Request.StopStrings);
        _document = IsConstrained && prepared.Request.IsStrict ? check.Watch(prepared.Plan.Document!) : null;
    }

    public override bool IsConstrained { get; }

    public override string? Breach => _document?.FindBreach();

    public override void Take(SequenceDelta delta, List<ChoiceEvent> events)
    {
        string piece = _text.Take(delta);
        (Tokens, IsStopped) = (_text.Tokens, _text.IsStopped);
        Add(piece, ChoiceText.Describe(delta.Logprobs, Prepared.Model.Tokenizer), events);
    }

    public override void End(List<ChoiceEvent> events) => Add(_text.End(), [], events);

    private void Add(string piece, ImmutableArray<TokenTextLogprob> logprobs, List<ChoiceEvent> events)
    {
        _document?.Append(piece);
        if (piece.Length > 0 || !logprobs.IsEmpty) events.Add(new TextGenerated(Choice, piece, logprobs));
    }
}
