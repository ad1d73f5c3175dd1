using Cluster.Decoding;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Orleans.Concurrency;

namespace Cluster.Grains;

/// <summary>One replica of a model, keyed <c>{model}/{n}</c>, on the silo that owns its device.</summary>
[Alias("cluster.IModelReplicaGrain")]
public interface IModelReplicaGrain : IGrainWithStringKey
{
    /// <summary>Takes a device and begins to load the model; returns before it is loaded. Fails where the silo has no free device.</summary>
    [Alias("start")]
    Task<ReplicaSnapshot> StartAsync();

    /// <summary>Runs or continues one sequence in a stream of its own, for edges of versions without links; see <see cref="IReplica.GenerateAsync"/>.</summary>
    [Alias("generate")]
    IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, CancellationToken cancellationToken);

    /// <summary>An edge's link, see <see cref="SequenceLinks.OpenAsync"/>.</summary>
    [Alias("link")]
    IAsyncEnumerable<SequenceDelta> LinkAsync(string link, CancellationToken cancellationToken);

    /// <summary>Runs or continues one sequence on a link; fails where that is not open.</summary>
    [Alias("begin")]
    Task BeginAsync(string link, SequenceJournal journal);

    /// <summary>Nobody reads the sequence any more.</summary>
    [Alias("leave")]
    Task LeaveAsync(string link, string requestId, int choice, int attempt);

    [Alias("snapshot"), AlwaysInterleave]
    Task<ReplicaSnapshot> GetSnapshotAsync();

    /// <summary>Takes no more sequences and, once the last one has ended, frees the device and ends the activation. Returns at once.</summary>
    [Alias("retire")]
    Task RetireAsync();

    /// <summary>Hands the sequences over, frees the device and ends the activation.</summary>
    [Alias("stop")]
    Task StopAsync();
}
