using System.Collections.Immutable;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Serving.Tools;

namespace Cluster.Serving.Generation;

/// <summary>One request, free of HTTP: what to say to the model, what its answer must be, and how long it may get.</summary>
public sealed record GenerationRequest
{
    /// <summary>Unique among live requests.</summary>
    public required string RequestId { get; init; }

    public required string ModelId { get; init; }

    public ImmutableArray<ChatMessage> Messages { get; init; } = [];

    /// <summary>Instead of messages: what the model is to continue, without a chat template. Choices are numbered prompt by prompt.</summary>
    public ImmutableArray<RawPrompt> Prompts { get; init; } = [];

    /// <summary>Null without tools, or where none may be called.</summary>
    public ToolSet? Tools { get; init; }

    /// <summary>What the caller calls the answer's schema, for statistics; null without a name.</summary>
    public string? SchemaName { get; init; }

    public TemplateRequest Template { get; init; } = TemplateRequest.Default;

    public RequestPriority Priority { get; init; }

    /// <summary>What the caller calls requests whose prompts begin alike: they go to the same replica where its load allows; null without one.</summary>
    public string? CacheKey { get; init; }

    /// <summary>Who asks: its share of a saturated system.</summary>
    public RequestOwner Owner { get; init; } = RequestOwner.Nobody;

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

    /// <summary>What the caller expects each answer to be; null without. Guesses for the model to check, never more.</summary>
    public string? Prediction { get; init; }

    /// <summary>Answers to each prompt.</summary>
    public int ChoicesPerPrompt { get; init; } = 1;

    /// <summary>All answers.</summary>
    public int Choices => ChoicesPerPrompt * Math.Max(1, Prompts.Length);
}

/// <summary>A text or token ids that the model continues.</summary>
public sealed record RawPrompt(string? Text, ImmutableArray<int> Tokens);

/// <summary>Who a request is for, as far as sharing goes.</summary>
/// <param name="Id">Requests of equal ids share one share.</param>
/// <param name="Weight">Of that share.</param>
public sealed record RequestOwner(string Id, double Weight)
{
    public static RequestOwner Nobody { get; } = new("", 1);
}
