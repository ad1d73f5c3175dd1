using Cluster.Decoding;
using Cluster.Serving.Tools;

namespace Cluster.Serving.Generation;

/// <summary>One choice on its way from tokens to what callers see: text, calls, log-probabilities; and the second reading of what is strict.</summary>
internal abstract class ChoiceAnswer(PreparedGeneration prepared, int choice)
{
    protected PreparedGeneration Prepared { get; } = prepared;

    protected int Choice { get; } = choice;

    /// <summary>Tokens taken so far.</summary>
    public int Tokens { get; protected set; }

    /// <summary>Of them, those of the model's thoughts.</summary>
    public int ReasoningTokens { get; protected set; }

    /// <summary>A stop string was met; nothing more is to be taken.</summary>
    public bool IsStopped { get; protected set; }

    /// <summary>The answer holds calls.</summary>
    public virtual bool HasCalls => false;

    /// <summary>The answer stands in a constrained part; where it ends early there, it was closed.</summary>
    public abstract bool IsConstrained { get; }

    /// <summary>What is wrong with the finished answer, or null.</summary>
    public abstract string? Breach { get; }

    /// <summary>What <paramref name="delta"/> adds.</summary>
    public abstract void Take(SequenceDelta delta, List<ChoiceEvent> events);

    /// <summary>What was held back.</summary>
    public abstract void End(List<ChoiceEvent> events);

    public static ChoiceAnswer Of(PreparedGeneration prepared, int choice, DocumentCheck check) => prepared.Plan.Shape switch
    {
        AnswerShape.Call => new CallAnswer(prepared, choice, check),
        AnswerShape.Tagged => new TaggedAnswer(prepared, choice, check),
        _ => new TextAnswer(prepared, choice, check),
    };
}
