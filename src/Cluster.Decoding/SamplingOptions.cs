using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Cluster.Decoding;

/// <summary>How the next token is chosen. Part of a journal: equal options, seed and tokens give equal continuations.</summary>
public sealed record SamplingOptions
{
    /// <summary>0 is greedy.</summary>
    [Range(0.0, 2.0)]
    public float Temperature { get; init; } = 1f;

    [Range(0.0, 1.0)]
    public float TopP { get; init; } = 1f;

    /// <summary>Most candidates considered; 0 is all.</summary>
    [Range(0, int.MaxValue)]
    public int TopK { get; init; }

    [Range(0.0, 1.0)]
    public float MinP { get; init; }

    [Range(-2.0, 2.0)]
    public float PresencePenalty { get; init; }

    [Range(-2.0, 2.0)]
    public float FrequencyPenalty { get; init; }

    [Range(0.01, 10.0)]
    public float RepetitionPenalty { get; init; } = 1f;

    /// <summary>Added to the logits of token ids, before the mask.</summary>
    public ImmutableArray<KeyValuePair<int, float>> LogitBias { get; init; } = [];

    /// <summary>Key of the counter-based generator, together with choice and position.</summary>
    public ulong Seed { get; init; }

    /// <summary>Report the chosen token's log-probability and this many alternatives; null reports none.</summary>
    [Range(0, 20)]
    public int? TopLogprobs { get; init; }

    /// <summary>Report log-probabilities of the model's own distribution instead of the masked one.</summary>
    public bool RawLogprobs { get; init; }

    /// <summary>Ids that end the sequence like end of sequence does, and are not emitted; free text only.</summary>
    public ImmutableArray<int> StopTokens { get; init; } = [];

    /// <summary>Before this many emitted tokens, ends are not sampled; a grammar's forced end is not held up.</summary>
    [Range(0, int.MaxValue)]
    public int TokensMin { get; init; }
}
