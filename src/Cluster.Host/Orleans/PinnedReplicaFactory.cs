using Cluster.Host.Models;
using Cluster.Serving;
using Cluster.Serving.Fleet;

namespace Cluster.Host;

/// <summary>Opens a replica on the device that its silo has locked for it.</summary>
public sealed class PinnedReplicaFactory(OnnxReplicaFactory inner) : IReplicaFactory
{
    public IReadOnlyList<string> Models => inner.Models;

    public IReadOnlyList<ModelOffer> Offers => inner.Offers;

    public Task<IReplica> OpenAsync(string replicaId, string modelId, string device, CancellationToken cancellationToken)
        => inner.OpenAsync(replicaId, modelId, DeviceNames.RuntimeNameOf(device), cancellationToken);
}
