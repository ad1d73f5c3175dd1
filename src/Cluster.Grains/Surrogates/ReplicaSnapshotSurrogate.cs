using Cluster.Serving;

namespace Cluster.Grains.Surrogates;

/// <summary><see cref="ReplicaSnapshot"/> as it crosses silos.</summary>
[GenerateSerializer, Alias("cluster.replica-snapshot"), Immutable]
public struct ReplicaSnapshotSurrogate
{
    [Id(0)] public string Id;
    [Id(1)] public string ModelId;
    [Id(2)] public string Device;
    [Id(3)] public string Silo;
    [Id(4)] public int Health;
    [Id(5)] public int RunningSequences;
    [Id(6)] public int WaitingSequences;
    [Id(7)] public long OutstandingTokens;
    [Id(8)] public int SlotsMax;
    [Id(9)] public int SlotsUsed;
    [Id(10)] public string Fingerprint;
    [Id(11)] public long CacheTokensMax;
    [Id(12)] public long CacheTokensUsed;
    [Id(13)] public long PromptTokens;
    [Id(14)] public long CachedPromptTokens;
    [Id(15)] public string Problem;
    [Id(16)] public string Version;
    [Id(17)] public bool HasLinks;
}

[RegisterConverter]
public sealed class ReplicaSnapshotConverter : IConverter<ReplicaSnapshot, ReplicaSnapshotSurrogate>
{
    public ReplicaSnapshot ConvertFromSurrogate(in ReplicaSnapshotSurrogate surrogate) => new()
    {
        Id = surrogate.Id, ModelId = surrogate.ModelId, Device = surrogate.Device, Silo = surrogate.Silo,
        Health = (ReplicaHealth)surrogate.Health, RunningSequences = surrogate.RunningSequences,
        WaitingSequences = surrogate.WaitingSequences, OutstandingTokens = surrogate.OutstandingTokens,
        SlotsMax = surrogate.SlotsMax, SlotsUsed = surrogate.SlotsUsed, Fingerprint = surrogate.Fingerprint,
        CacheTokensMax = surrogate.CacheTokensMax, CacheTokensUsed = surrogate.CacheTokensUsed,
        PromptTokens = surrogate.PromptTokens, CachedPromptTokens = surrogate.CachedPromptTokens, Problem = surrogate.Problem ?? "", Version = surrogate.Version ?? "",
        HasLinks = surrogate.HasLinks,
    };

    public ReplicaSnapshotSurrogate ConvertToSurrogate(in ReplicaSnapshot value) => new()
    {
        Id = value.Id, ModelId = value.ModelId, Device = value.Device, Silo = value.Silo, Health = (int)value.Health,
        RunningSequences = value.RunningSequences, WaitingSequences = value.WaitingSequences,
        OutstandingTokens = value.OutstandingTokens, SlotsMax = value.SlotsMax, SlotsUsed = value.SlotsUsed,
        Fingerprint = value.Fingerprint, CacheTokensMax = value.CacheTokensMax, CacheTokensUsed = value.CacheTokensUsed,
        PromptTokens = value.PromptTokens, CachedPromptTokens = value.CachedPromptTokens, Problem = value.Problem, Version = value.Version,
        HasLinks = value.HasLinks,
    };
}
