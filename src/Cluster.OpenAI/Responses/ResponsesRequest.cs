using System.Collections.Immutable;
using Cluster.OpenAI.Requests;
using Cluster.Serving.Generation;
using Cluster.Serving.Tools;

namespace Cluster.OpenAI.Responses;

/// <summary>A request of <c>POST /v1/responses</c>, read and within bounds.</summary>
public sealed record ResponsesRequest
{
    public required string Model { get; init; }

    /// <summary>What this request adds to the conversation.</summary>
    public required ImmutableArray<ChatMessage> Input { get; init; }

    /// <summary>The conversation so far, from <see cref="PreviousId"/>.</summary>
    public ImmutableArray<ChatMessage> Before { get; init; } = [];

    /// <summary>The input as it came, for <c>input_items</c>: a JSON array.</summary>
    public required string InputItems { get; init; }
    public string? Instructions { get; init; }
    public string? PreviousId { get; init; }
    public required ResponseFormat Format { get; init; }
    public required StructuredOutputRequest StructuredOutput { get; init; }

    /// <summary>Repeated in the answer; without effect.</summary>
    public required string Verbosity { get; init; }
    public required SamplingRequest Sampling { get; init; }
    public ToolSet? Tools { get; init; }
    public TemplateRequest Template { get; init; } = TemplateRequest.Default;

    /// <summary>As the request named it; null without.</summary>
    public string? Effort { get; init; }
    public RequestPriority Priority { get; init; }
    public string? CacheKey { get; init; }
    public bool IsStreamed { get; init; }
    public bool IsStored { get; init; } = true;
    public int? TokensMax { get; init; }

    /// <summary>Null without log-probabilities; else how many alternatives.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>Fields that the response repeats as they came, by name: JSON.</summary>
    public required ImmutableArray<KeyValuePair<string, string>> Echo { get; init; }
}
