using System.Collections.Immutable;
using Cluster.Grammar;

namespace Cluster.Decoding;

/// <summary>
/// Everything needed to begin or to continue one sequence, anywhere: whoever has the journal can produce the exact next token.
/// Preemption, replica loss, drain and migration are all "submit the journal again with the next attempt number".
/// </summary>
public sealed record SequenceJournal
{
    /// <summary>Part of every <see cref="Fingerprint"/>: the first version of this program that continues journals as this one does.</summary>
    /// <remarks>Programs of two versions that agree on it continue each other's sequences, so that a rolling upgrade moves streams between them. Raise it with
    /// every change after which an equal journal goes on with other tokens (sampling, masks, forced runs); JournalVersionTests tells when that is.</remarks>
    public const string Version = "0.1.0.0";

    public required string RequestId { get; init; }

    /// <summary>Index of the choice within the request (n &gt; 1).</summary>
    public int Choice { get; init; }

    /// <summary>Number of this run of the sequence, from 0; deltas of older attempts are dropped.</summary>
    public int Attempt { get; init; }

    public required ImmutableArray<int> PromptTokens { get; init; }

    /// <summary>Tokens already emitted by earlier attempts.</summary>
    public ImmutableArray<int> EmittedTokens { get; init; } = [];

    /// <summary>What the caller expects the output to be, as token ids: guesses for the model to check. Changes how fast, never what comes out.</summary>
    public ImmutableArray<int> Prediction { get; init; } = [];

    public required SamplingOptions Sampling { get; init; }

    /// <summary>The constraint, or null for free text.</summary>
    public GrammarSpec? Grammar { get; init; }

    /// <summary>True where keywords that cannot be enforced were left out when the grammar was compiled (strict: false).</summary>
    public bool GrammarBestEffort { get; init; }

    /// <summary>Most tokens to emit over all attempts, end of sequence not counted.</summary>
    public required int TokensMax { get; init; }

    /// <summary>True once any delta said so: the document counts as closed by the budget.</summary>
    public bool BudgetNarrowed { get; init; }

    /// <summary>What must be equal for a journal to be continued: model, tokenizer, template, grammar engine.</summary>
    public string Fingerprint { get; init; } = "";
}
