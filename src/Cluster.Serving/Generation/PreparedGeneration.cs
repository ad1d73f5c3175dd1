using System.Collections.Immutable;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Serving.Tools;

namespace Cluster.Serving.Generation;

/// <summary>A request that can run: accepted schema, tokenised prompt, settled budget.</summary>
public sealed record PreparedGeneration
{
    public required GenerationRequest Request { get; init; }

    public required ServedModel Model { get; init; }

    /// <summary>One a prompt; of messages there is one.</summary>
    public required ImmutableArray<ImmutableArray<int>> Prompts { get; init; }

    /// <summary>Of all prompts.</summary>
    public int PromptTokens => Prompts.Sum(prompt => prompt.Length);

    public required AnswerPlan Plan { get; init; }

    /// <summary>Whether anything in the answer was compiled without what cannot be enforced.</summary>
    public bool IsBestEffort { get; init; }

    /// <summary>Most tokens of each choice, end of sequence not counted.</summary>
    public required int TokensMax { get; init; }

    /// <summary>The request's prediction as the model would write it, no longer than an answer may be.</summary>
    public ImmutableArray<int> Prediction { get; init; } = [];

    /// <summary>The compiled constraint, or null for free text.</summary>
    public CompiledGrammar? Grammar { get; init; }

    /// <summary>Names the constraint to callers: the hash of the document's schema, or of the whole constraint where there is no document; null for free text.</summary>
    public string? ConstraintHash { get; init; }

    /// <summary>Under best effort, the keywords that were left out.</summary>
    public IReadOnlyList<SchemaRejection> Unenforced { get; init; } = [];

    /// <summary>The journal that one choice begins with.</summary>
    public SequenceJournal JournalOf(int choice) => new()
    {
        RequestId = Request.RequestId,
        Choice = choice,
        PromptTokens = Prompts[choice / Request.ChoicesPerPrompt],
        Prediction = Prediction,
        Sampling = Request.Sampling,
        Grammar = Plan.Spec,
        GrammarBestEffort = IsBestEffort,
        TokensMax = TokensMax,
        Fingerprint = Model.Fingerprint,
    };
}

/// <summary>Outcome of preparing: exactly one of the two.</summary>
public sealed record PrepareResult(PreparedGeneration? Prepared, GenerationRejection? Rejection);
