using Cluster.Decoding;
using Cluster.Serving;
using Orleans.Concurrency;

namespace Cluster.Grains;

/// <summary>One replica of a model, keyed <c>{model}/{n}</c>, on the silo that owns its device.</summary>
[Alias("cluster.IModelReplicaGrain")]
public interface IModelReplicaGrain : IGrainWithStringKey
{
    /// <summary>Takes a device and begins to load the model; returns before it is loaded. Fails where the silo has no free device.</summary>
    [Alias("start")]
    Task<ReplicaSnapshot> StartAsync();

    /// <summary>Runs or continues one sequence, see <see cref="IReplica.GenerateAsync"/>. A lost silo ends it with an exception.</summary>
    [Alias("generate")]
    IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, CancellationToken cancellationToken);

    [Alias("snapshot"), AlwaysInterleave]
    Task<ReplicaSnapshot> GetSnapshotAsync();

    /// <summary>Takes no more sequences and, once the last one has ended, frees the device and ends the activation. Returns at once.</summary>
    [Alias("retire")]
    Task RetireAsync();

    /// <summary>Hands the sequences over, frees the device and ends the activation.</summary>
    [Alias("stop")]
    Task StopAsync();
}
