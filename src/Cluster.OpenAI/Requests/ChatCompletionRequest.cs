using System.Collections.Immutable;
using Cluster.Serving.Generation;
using Cluster.Serving.Tools;

namespace Cluster.OpenAI.Requests;

/// <summary>A chat completion request, read and within bounds.</summary>
public sealed record ChatCompletionRequest
{
    public required string Model { get; init; }
    public required ImmutableArray<ChatMessage> Messages { get; init; }
    public required ResponseFormat ResponseFormat { get; init; }
    public required StructuredOutputRequest StructuredOutput { get; init; }
    public required SamplingRequest Sampling { get; init; }

    /// <summary>Null without tools, or where they may not be called.</summary>
    public ToolSet? Tools { get; init; }
    public TemplateRequest Template { get; init; } = TemplateRequest.Default;
    public RequestPriority Priority { get; init; }
    public string? CacheKey { get; init; }

    /// <summary>The answer that the caller expects; null without.</summary>
    public string? Prediction { get; init; }
    public bool IsStreamed { get; init; }

    /// <summary>Whether a stream ends with a chunk that carries the usage.</summary>
    public bool IncludesUsage { get; init; }
    public int? TokensMax { get; init; }

    /// <summary>The field that <see cref="TokensMax"/> came from, or would come from.</summary>
    public required string TokensParam { get; init; }
    public int Choices { get; init; } = 1;

    /// <summary>Null without log-probabilities; else how many alternatives.</summary>
    public int? TopLogprobs { get; init; }
}
