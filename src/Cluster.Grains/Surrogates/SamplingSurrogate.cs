using System.Collections.Immutable;
using Cluster.Decoding;

namespace Cluster.Grains.Surrogates;

/// <summary><see cref="SamplingOptions"/> as it crosses silos.</summary>
[GenerateSerializer, Alias("cluster.sampling"), Immutable]
public struct SamplingSurrogate
{
    [Id(0)] public float Temperature;
    [Id(1)] public float TopP;
    [Id(2)] public int TopK;
    [Id(3)] public float MinP;
    [Id(4)] public float PresencePenalty;
    [Id(5)] public float FrequencyPenalty;
    [Id(6)] public float RepetitionPenalty;
    [Id(7)] public int[] BiasTokens;
    [Id(8)] public float[] BiasValues;
    [Id(9)] public ulong Seed;
    [Id(10)] public int? TopLogprobs;
    [Id(11)] public bool RawLogprobs;
    [Id(12)] public int[] StopTokens;
    [Id(13)] public int TokensMin;
}

[RegisterConverter]
public sealed class SamplingConverter : IConverter<SamplingOptions, SamplingSurrogate>
{
    public SamplingOptions ConvertFromSurrogate(in SamplingSurrogate surrogate) => new()
    {
        Temperature = surrogate.Temperature, TopP = surrogate.TopP, TopK = surrogate.TopK, MinP = surrogate.MinP,
        PresencePenalty = surrogate.PresencePenalty, FrequencyPenalty = surrogate.FrequencyPenalty,
        RepetitionPenalty = surrogate.RepetitionPenalty, Seed = surrogate.Seed, TopLogprobs = surrogate.TopLogprobs,
        RawLogprobs = surrogate.RawLogprobs, StopTokens = [.. surrogate.StopTokens ?? []], TokensMin = surrogate.TokensMin,
        LogitBias = surrogate.BiasTokens.Zip(surrogate.BiasValues, KeyValuePair.Create).ToImmutableArray(),
    };

    public SamplingSurrogate ConvertToSurrogate(in SamplingOptions value) => new()
    {
        Temperature = value.Temperature, TopP = value.TopP, TopK = value.TopK, MinP = value.MinP,
        PresencePenalty = value.PresencePenalty, FrequencyPenalty = value.FrequencyPenalty,
        RepetitionPenalty = value.RepetitionPenalty, Seed = value.Seed, TopLogprobs = value.TopLogprobs,
        RawLogprobs = value.RawLogprobs, StopTokens = [.. value.StopTokens], TokensMin = value.TokensMin,
        BiasTokens = [.. value.LogitBias.Select(bias => bias.Key)], BiasValues = [.. value.LogitBias.Select(bias => bias.Value)],
    };
}
