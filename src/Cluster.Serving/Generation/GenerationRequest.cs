using System.Collections.Immutable;
using Cluster.Decoding;
using Cluster.Grammar;

namespace Cluster.Serving.Generation;

/// <summary>One request, free of HTTP: what to say to the model, what its answer must be, and how long it may get.</summary>
public sealed record GenerationRequest
{
    /// <summary>Unique among live requests.</summary>
    public required string RequestId { get; init; }

    public required string ModelId { get; init; }

    public required ImmutableArray<ChatMessage> Messages { get; init; }

    /// <summary>The constraint on each choice, or null for free text.</summary>
    public GrammarSpec? Grammar { get; init; }

    /// <summary>True where a keyword that cannot be enforced is a refusal; false where it is only reported.</summary>
    public bool IsStrict { get; init; }

    /// <summary>Overrides <see cref="ServedModel.InjectSchema"/>.</summary>
    public bool? InjectSchema { get; init; }

    public required SamplingOptions Sampling { get; init; }

    /// <summary>Most tokens of each choice; null takes what the context leaves.</summary>
    public int? TokensMax { get; init; }

    /// <summary>Strings that end free text before themselves; a constrained document is not cut by them.</summary>
    public ImmutableArray<string> StopStrings { get; init; } = [];

    /// <summary>Answers to the same prompt.</summary>
    public int Choices { get; init; } = 1;
}
