using System.Collections.Immutable;
using Cluster.Decoding;
using Cluster.Grammar;

namespace Cluster.Serving.Generation;

/// <summary>A request that can run: accepted schema, tokenised prompt, settled budget.</summary>
public sealed record PreparedGeneration
{
    public required GenerationRequest Request { get; init; }

    public required ServedModel Model { get; init; }

    public required ImmutableArray<int> PromptTokens { get; init; }

    /// <summary>Most tokens of each choice, end of sequence not counted.</summary>
    public required int TokensMax { get; init; }

    /// <summary>The compiled constraint, or null for free text.</summary>
    public CompiledGrammar? Grammar { get; init; }

    /// <summary>Under best effort, the keywords that were left out.</summary>
    public IReadOnlyList<SchemaRejection> Unenforced { get; init; } = [];

    /// <summary>The journal that one choice begins with.</summary>
    public SequenceJournal JournalOf(int choice) => new()
    {
        RequestId = Request.RequestId,
        Choice = choice,
        PromptTokens = PromptTokens,
        Sampling = Request.Sampling,
        Grammar = Grammar is null ? null : Request.Grammar,
        GrammarBestEffort = !Request.IsStrict,
        TokensMax = TokensMax,
        Fingerprint = Model.Fingerprint,
    };
}

/// <summary>Outcome of preparing: exactly one of the two.</summary>
public sealed record PrepareResult(PreparedGeneration? Prepared, GenerationRejection? Rejection);
