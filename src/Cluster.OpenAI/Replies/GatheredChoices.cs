using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Replies;

/// <summary>All choices of an unstreamed reply, put together from its events.</summary>
internal sealed class GatheredChoices(PreparedGeneration prepared)
{
    private readonly AnswerGatherer[] _choices = [.. Enumerable.Range(0, prepared.Request.Choices).Select(_ => new AnswerGatherer())];

    public int Count => _choices.Length;

    public AnswerGatherer this[int choice] => _choices[choice];

    public StructuredOutputReport? StructuredOutput => StructuredOutputReport.Of(prepared, _choices.Select(choice => choice.Ended!));

    public void Take(GenerationEvent generated)
    {
        if (generated is ChoiceEvent one) _choices[one.Choice].Take(one);
    }
}
