using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Cluster.Decoding;

namespace Cluster.Grains.Surrogates;

/// <summary><see cref="SequenceDelta"/> as it crosses silos. Absent parts are null: most deltas are a few small numbers.</summary>
[GenerateSerializer, Alias("cluster.delta"), Immutable]
public struct DeltaSurrogate
{
    [Id(0)] public string RequestId;
    [Id(1)] public int Choice;
    [Id(2)] public int Attempt;
    [Id(3)] public int Position;
    [Id(4)] public int[] Tokens;
    [Id(5)] public LogprobSurrogate[]? Logprobs;
    [Id(6)] public int? Finish;
    [Id(7)] public int? ErrorKind;
    [Id(8)] public string? ErrorMessage;
    [Id(9)] public int CachedPromptTokens;
    [Id(10)] public bool BudgetNarrowed;

    /// <summary>Ticks queued, ticks prefilled, masks, ticks of masks, forced tokens, predicted and accepted ones, then the buckets of masks.</summary>
    [Id(11)] public long[]? Work;

    /// <summary>Forced tokens, ticks of masks, choices, sum and largest of their pressures.</summary>
    [Id(12)] public double[]? Constraint;
}

/// <summary><see cref="TokenLogprob"/> as it crosses silos.</summary>
[GenerateSerializer, Alias("cluster.logprob"), Immutable]
public struct LogprobSurrogate
{
    [Id(0)] public int Token;
    [Id(1)] public float Logprob;
    [Id(2)] public int[] TopTokens;
    [Id(3)] public float[] TopLogprobs;
}

[RegisterConverter]
public sealed class DeltaConverter : IConverter<SequenceDelta, DeltaSurrogate>
{
    public SequenceDelta ConvertFromSurrogate(in DeltaSurrogate surrogate) => new()
    {
        RequestId = surrogate.RequestId, Choice = surrogate.Choice, Attempt = surrogate.Attempt, Position = surrogate.Position,
        Tokens = ImmutableCollectionsMarshal.AsImmutableArray(surrogate.Tokens),
        Logprobs = surrogate.Logprobs is null ? [] : [.. surrogate.Logprobs.Select(FromSurrogate)],
        Finish = (FinishReason?)surrogate.Finish,
        Error = surrogate.ErrorKind is { } kind ? new SequenceError((SequenceErrorKind)kind, surrogate.ErrorMessage ?? "") : null,
        CachedPromptTokens = surrogate.CachedPromptTokens, BudgetNarrowed = surrogate.BudgetNarrowed,
        Work = surrogate.Work is [var queued, var prefilled, var masks, var maskTime, var forced, var predicted, var accepted, .. var buckets]
            ? new SequenceWork(new TimeSpan(queued), new TimeSpan(prefilled), (int)masks, new TimeSpan(maskTime), (int)forced, (int)predicted, (int)accepted, [.. buckets.Select(count => (int)count)])
            : null,
        Constraint = surrogate.Constraint is [var forcedTokens, var maskTicks, var choices, var pressureSum, var pressureMax]
            ? new ConstraintWork((int)forcedTokens, new TimeSpan((long)maskTicks), (int)choices, pressureSum, pressureMax)
            : null,
    };

    public DeltaSurrogate ConvertToSurrogate(in SequenceDelta value) => new()
    {
        RequestId = value.RequestId, Choice = value.Choice, Attempt = value.Attempt, Position = value.Position,
        Tokens = ImmutableCollectionsMarshal.AsArray(value.Tokens) ?? [],
        Logprobs = value.Logprobs.IsDefaultOrEmpty ? null : [.. value.Logprobs.Select(ToSurrogate)],
        Finish = (int?)value.Finish, ErrorKind = (int?)value.Error?.Kind, ErrorMessage = value.Error?.Message,
        CachedPromptTokens = value.CachedPromptTokens, BudgetNarrowed = value.BudgetNarrowed,
        Work = value.Work is { } work
            ? [work.Queued.Ticks, work.Prefilled.Ticks, work.Masks, work.MaskTime.Ticks, work.ForcedTokens, work.PredictedTokens, work.AcceptedPredictedTokens, .. work.MaskBuckets.Select(count => (long)count)]
            : null,
        Constraint = value.Constraint is { } constraint
            ? [constraint.ForcedTokens, constraint.MaskTime.Ticks, constraint.Choices, constraint.PressureSum, constraint.PressureMax]
            : null,
    };

    private static TokenLogprob FromSurrogate(LogprobSurrogate one)
        => new(one.Token, one.Logprob, [.. one.TopTokens.Zip(one.TopLogprobs, KeyValuePair.Create)]);

    private static LogprobSurrogate ToSurrogate(TokenLogprob one) => new()
    {
        Token = one.Token, Logprob = one.Logprob,
        TopTokens = [.. one.Top.Select(top => top.Key)], TopLogprobs = [.. one.Top.Select(top => top.Value)],
    };
}
