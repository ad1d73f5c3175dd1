using System.Text;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Replies;

/// <summary>One call of an answer, complete.</summary>
internal sealed class GatheredCall(ToolCallBegan began)
{
    public ToolCallBegan Began { get; } = began;
    public StringBuilder Input { get; } = new();
}

/// <summary>Puts one choice together from its events.</summary>
internal sealed class AnswerGatherer
{
    public StringBuilder Text { get; } = new();
    public StringBuilder Reasoning { get; } = new();
    public List<TokenTextLogprob> Logprobs { get; } = [];
    public List<GatheredCall> Calls { get; } = [];
    public ChoiceEnded? Ended { get; private set; }

    public void Take(ChoiceEvent generated)
    {
        switch (generated)
        {
            case ReasoningGenerated reasoning:
                Reasoning.Append(reasoning.Text);
                break;
            case TextGenerated text:
                Text.Append(text.Text);
                Logprobs.AddRange(text.Logprobs);
                break;
            case ToolCallBegan began:
                Calls.Add(new GatheredCall(began));
                break;
            case ToolCallInput input:
                Calls[input.Call].Input.Append(input.Text);
                break;
            case ChoiceEnded ended:
                Ended = ended;
                break;
        }
    }
}
