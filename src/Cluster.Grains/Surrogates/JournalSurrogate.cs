using System.Runtime.InteropServices;
using Cluster.Decoding;
using Cluster.Grammar;

namespace Cluster.Grains.Surrogates;

/// <summary><see cref="SequenceJournal"/> as it crosses silos.</summary>
[GenerateSerializer, Alias("cluster.journal"), Immutable]
public struct JournalSurrogate
{
    [Id(0)] public string RequestId;
    [Id(1)] public int Choice;
    [Id(2)] public int Attempt;
    [Id(3)] public int[] PromptTokens;
    [Id(4)] public int[] EmittedTokens;
    [Id(5)] public SamplingOptions Sampling;
    [Id(6)] public GrammarSpec? Grammar;
    [Id(7)] public bool GrammarBestEffort;
    [Id(8)] public int TokensMax;
    [Id(9)] public string Fingerprint;
    [Id(10)] public bool BudgetNarrowed;
    [Id(11)] public int[]? Prediction;
}

[RegisterConverter]
public sealed class JournalConverter : IConverter<SequenceJournal, JournalSurrogate>
{
    public SequenceJournal ConvertFromSurrogate(in JournalSurrogate surrogate) => new()
    {
        RequestId = surrogate.RequestId, Choice = surrogate.Choice, Attempt = surrogate.Attempt,
        PromptTokens = ImmutableCollectionsMarshal.AsImmutableArray(surrogate.PromptTokens),
        EmittedTokens = ImmutableCollectionsMarshal.AsImmutableArray(surrogate.EmittedTokens),
        Sampling = surrogate.Sampling, Grammar = surrogate.Grammar, GrammarBestEffort = surrogate.GrammarBestEffort,
        Prediction = surrogate.Prediction is { } prediction ? ImmutableCollectionsMarshal.AsImmutableArray(prediction) : [],
        TokensMax = surrogate.TokensMax, Fingerprint = surrogate.Fingerprint, BudgetNarrowed = surrogate.BudgetNarrowed,
    };

    public JournalSurrogate ConvertToSurrogate(in SequenceJournal value) => new()
    {
        RequestId = value.RequestId, Choice = value.Choice, Attempt = value.Attempt,
        PromptTokens = ImmutableCollectionsMarshal.AsArray(value.PromptTokens) ?? [],
        EmittedTokens = ImmutableCollectionsMarshal.AsArray(value.EmittedTokens) ?? [],
        Sampling = value.Sampling, Grammar = value.Grammar, GrammarBestEffort = value.GrammarBestEffort,
        Prediction = value.Prediction.IsDefaultOrEmpty ? null : ImmutableCollectionsMarshal.AsArray(value.Prediction),
        TokensMax = value.TokensMax, Fingerprint = value.Fingerprint, BudgetNarrowed = value.BudgetNarrowed,
    };
}
