using System.Collections.Immutable;
using Cluster.Decoding;
using Cluster.Serving.Thinking;
using Cluster.Serving.Tools;

namespace Cluster.Serving.Generation;

/// <summary>An answer that is text, free (perhaps after thoughts) or one document.</summary>
internal sealed class TextAnswer : ChoiceAnswer
{
    private readonly StreamingDetokenizer _detokenizer;
    private readonly StopMatcher? _stops;
    private readonly ThinkingSplitter? _thinking;
    private readonly DocumentCheck.Watcher? _document;

    public TextAnswer(PreparedGeneration prepared, int choice, DocumentCheck check)
        : base(prepared, choice)
    {
        AnswerPlan plan = prepared.Plan;
        IsConstrained = plan.Shape == AnswerShape.Document;
        _detokenizer = new StreamingDetokenizer(prepared.Model.Tokenizer);
        _stops = IsConstrained || prepared.Request.StopStrings.IsEmpty ? null : new StopMatcher(prepared.Request.StopStrings);
        _thinking = plan.Thinking.Start == ThinkingStart.None ? null : new ThinkingSplitter(plan.Thinking);
        _document = IsConstrained && prepared.Request.IsStrict ? check.Watch(plan.Document!) : null;
    }

    public override bool IsConstrained { get; }

    public override string? Breach => _document?.FindBreach();

    public override void Take(SequenceDelta delta, List<ChoiceEvent> events)
    {
        string thoughts = "", answer = "";
        int taken = 0, ofThoughts = 0;
        foreach (int token in delta.Tokens)
        {
            Tokens++;
            taken++;
            string text = _detokenizer.Push(token);
            if (_thinking is not null)
            {
                bool wasThinking = _thinking.IsThinking;
                (string thought, text) = _thinking.Push(text);
                thoughts += thought;
                if (wasThinking || _thinking.IsThinking)
                {
                    ReasoningTokens++;
                    ofThoughts = taken;
                }
            }
            answer += Filter(text);
            if (IsStopped) break;
        }
        // Neither those of thoughts nor those after a stop string.
        ImmutableArray<TokenLogprob> told = delta.Logprobs.IsDefaultOrEmpty ? [] : delta.Logprobs.Slice(ofThoughts, taken - ofThoughts);
        Add(thoughts, answer, ChoiceLogprobs.Describe(told, Prepared.Model.Tokenizer), events);
    }

    public override void End(List<ChoiceEvent> events)
    {
        if (IsStopped) return;
        string thoughts = "", text = _detokenizer.Flush();
        if (_thinking is not null)
        {
            (thoughts, text) = _thinking.Push(text);
            (string lastThoughts, string lastText) = _thinking.End();
            (thoughts, text) = (thoughts + lastThoughts, text + lastText);
        }
        text = Filter(text);
        Add(thoughts, IsStopped ? text : text + (_stops?.Flush() ?? ""), [], events);
    }

    private string Filter(string text)
    {
        if (_stops is null || text.Length == 0) return text;
        (string emitted, IsStopped) = _stops.Push(text);
        return emitted;
    }

    private void Add(string thoughts, string answer, ImmutableArray<TokenTextLogprob> logprobs, List<ChoiceEvent> events)
    {
        if (thoughts.Length > 0) events.Add(new ReasoningGenerated(Choice, thoughts));
        _document?.Append(answer);
        if (answer.Length > 0 || !logprobs.IsEmpty) events.Add(new TextGenerated(Choice, answer, logprobs));
    }
}
