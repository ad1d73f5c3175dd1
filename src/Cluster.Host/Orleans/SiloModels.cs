using Cluster.Host.Configuration;
using Cluster.Host.Loading;
using Cluster.Host.Models;
using Cluster.Serving.Fleet;

namespace Cluster.Host;

/// <summary>
/// Takes a changed catalogue over in one silo; the others of the cluster do the same when their own files change. In what order, does not matter:
/// <code>
/// 1. Silos with devices offer the new version      the models' grains start replicas of it beside the old ones, or, without a free device, one after the other
/// 2. Edges prepare requests for it                 each as soon as a replica of it is ready (see RollingCatalogue)
/// 3. Old replicas go                               when no edge has a request for their version any more (see EdgeModels)
/// </code>
/// </summary>
/// <param name="devices">Null where the silo's devices are given by its settings.</param>
public sealed class SiloModels(CatalogueEntries first, RollingCatalogue catalogue, OnnxReplicaFactory factory, DevicePool? devices, TimeProvider time) : IModelReload
{
    private CatalogueEntries _inForce = first;

    /// <summary>Ends when the change is begun: each model goes over by itself when it is ready.</summary>
    /// <inheritdoc cref="IModelReload.ApplyAsync" path="/exception"/>
    public async Task<ModelChanges> ApplyAsync(IReadOnlyList<ModelConfig> models, LoadingProgress progress, CancellationToken cancellationToken)
    {
        CatalogueEntries next = await _inForce.ReadAsync(models, progress, time).ConfigureAwait(false);
        ModelChanges changes = _inForce.ChangesTo(next, []);
        _inForce = next;

        // 1. Offer
        devices?.Replace(DeviceNames.Of(models));
        factory.Replace(next.All);

        // 2. Prepare for it
        await catalogue.ReplaceAsync([.. next.All.Select(entry => entry.Served)]).ConfigureAwait(false);
        return changes;
    }
}
