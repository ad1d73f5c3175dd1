using Cluster.Serving.Fleet;
using Orleans.Concurrency;

namespace Cluster.Grains;

/// <summary>One model in the cluster, keyed by its name: wanted and live replicas, and the routing table that edges watch.</summary>
[Alias("cluster.IModelGrain")]
public interface IModelGrain : IGrainWithStringKey
{
    /// <summary>What a silo offers and runs; sent a few times a second by each silo that has the model.</summary>
    [Alias("report"), AlwaysInterleave]
    Task ReportAsync(SiloReport report);

    /// <summary>An edge tells a few times a second which versions (fingerprints) its requests were prepared for: none of them goes before.</summary>
    [Alias("need"), AlwaysInterleave]
    Task NeedAsync(string silo, string[] fingerprints);

    /// <summary>The silo has handed its sequences over and leaves.</summary>
    [Alias("leave")]
    Task LeaveAsync(string silo);

    /// <summary>The routing table now and after every change, until the caller or this activation goes away.</summary>
    [Alias("watch")]
    IAsyncEnumerable<RoutingTable> WatchAsync(CancellationToken cancellationToken);

    [Alias("table"), AlwaysInterleave]
    Task<RoutingTable> GetTableAsync();

    /// <summary>Wants this many replicas from now on; kept over restarts where grain storage is.</summary>
    [Alias("scale")]
    Task ScaleAsync(int replicas);

    /// <summary>Drains this model's replicas on a silo and keeps it empty, or, to undo it, lets reconciliation use it again.</summary>
    [Alias("empty")]
    Task EmptyAsync(string silo, bool isEmptied);

    /// <summary>Silos that are kept empty of this model.</summary>
    [Alias("emptied"), AlwaysInterleave]
    Task<string[]> GetEmptiedAsync();

    /// <summary>Drains one replica; reconciliation puts another in its place. Called for each in turn, this is a rolling replacement.</summary>
    [Alias("replace")]
    Task ReplaceAsync(string replicaId);
}

/// <summary>What is kept of a model over restarts.</summary>
[GenerateSerializer, Alias("cluster.model-target")]
public sealed class ModelTarget
{
    /// <summary>Wanted replicas; null until somebody scales.</summary>
    [Id(0)] public int? Replicas { get; set; }

    /// <summary>Silos that are to be kept empty.</summary>
    [Id(1)] public string[] Emptied { get; set; } = [];
}
