using System.Collections.Immutable;
using Cluster.Serving.Generation;

namespace Cluster.OpenAI.Requests;

/// <summary>A chat completion request, read and within bounds.</summary>
public sealed record ChatCompletionRequest
{
    public required string Model { get; init; }
    public required ImmutableArray<ChatMessage> Messages { get; init; }
    public required ResponseFormat ResponseFormat { get; init; }
    public bool IsStreamed { get; init; }

    /// <summary>Whether a stream ends with a chunk that carries the usage.</summary>
    public bool IncludesUsage { get; init; }
    public int? TokensMax { get; init; }
    public int Choices { get; init; } = 1;
    public ImmutableArray<string> Stop { get; init; } = [];
    public ulong? Seed { get; init; }
    public float? Temperature { get; init; }
    public float? TopP { get; init; }
    public int? TopK { get; init; }
    public float? MinP { get; init; }
    public float? PresencePenalty { get; init; }
    public float? FrequencyPenalty { get; init; }
    public float? RepetitionPenalty { get; init; }
    public ImmutableArray<KeyValuePair<int, float>> LogitBias { get; init; } = [];

    /// <summary>Null without log-probabilities; else how many alternatives.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>Overrides the model's habit of showing itself the schema.</summary>
    public bool? InjectSchema { get; init; }

    /// <summary>A document that had to be closed early ends with <c>length</c> instead of <c>stop</c>.</summary>
    public bool ClosesWithLength { get; init; }
}
