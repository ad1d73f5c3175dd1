using Cluster.Decoding;
using Cluster.Serving.Fleet;

namespace Cluster.Grains;

/// <summary>Replicas elsewhere are grains.</summary>
public sealed class GrainWire(IGrainFactory grains) : IReplicaWire
{
    /// <summary>Most deltas of one message: a step of as many sequences goes out whole.</summary>
    private const int BatchMax = 512;

    public IAsyncEnumerable<SequenceDelta> GenerateAsync(string replicaId, SequenceJournal journal, CancellationToken cancellationToken)
        => Of(replicaId).GenerateAsync(journal, cancellationToken);

    public IAsyncEnumerable<SequenceDelta> LinkAsync(string replicaId, string link, CancellationToken cancellationToken)
        => Of(replicaId).LinkAsync(link, cancellationToken).WithBatchSize(BatchMax);

    public Task BeginAsync(string replicaId, string link, SequenceJournal journal) => Of(replicaId).BeginAsync(link, journal);

    public Task LeaveAsync(string replicaId, string link, SequenceKey sequence) => Of(replicaId).LeaveAsync(link, sequence.RequestId, sequence.Choice, sequence.Attempt);

    private IModelReplicaGrain Of(string replicaId) => grains.GetGrain<IModelReplicaGrain>(replicaId);
}
