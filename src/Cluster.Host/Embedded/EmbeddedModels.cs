using Cluster.Host.Configuration;
using Cluster.Host.Loading;
using Cluster.Host.Models;
using Cluster.Serving;
using Cluster.Serving.Local;

namespace Cluster.Host.Embedded;

/// <summary>Brings the catalogue's entries into force, at start and whenever its file changes.</summary>
public sealed class EmbeddedModels(LocalFleet fleet, ModelCatalogue catalogue, OnnxReplicas replicas, TimeProvider time) : IModelReload
{
    private CatalogueEntries _inForce = new([]);

    /// <summary>Opens every replica of the catalogue.</summary>
    /// <exception cref="ConfigurationException">Not one could be opened.</exception>
    public async Task OpenAsync(IReadOnlyList<ModelConfig> models, LoadingProgress progress)
    {
        _inForce = new CatalogueEntries(models.Select(model => new CatalogueEntry(model, catalogue.Find(model.Id)!)));
        IReadOnlyList<string> faults = await fleet.ApplyAsync([.. _inForce.All.Select(entry => Entry(entry, progress))], CancellationToken.None).ConfigureAwait(false);
        if (fleet.All.Count > 0 && fleet.All.All(replica => replica.Snapshot.Health == ReplicaHealth.Failed)) throw new ConfigurationException(faults);
        foreach (string fault in faults) progress.Say($"could not load: {fault}");
    }

    /// <inheritdoc/>
    public async Task<ModelChanges> ApplyAsync(IReadOnlyList<ModelConfig> models, LoadingProgress progress, CancellationToken cancellationToken)
    {
        CatalogueEntries next = await _inForce.ReadAsync(models, progress, time).ConfigureAwait(false);
        IReadOnlyList<string> faults = await fleet.ApplyAsync([.. next.All.Select(entry => Entry(entry, progress))], cancellationToken).ConfigureAwait(false);
        ModelChanges changes = _inForce.ChangesTo(next, faults);
        _inForce = new CatalogueEntries(next.All.Select(entry => fleet.Runs(entry.Version, entry.Id) ? entry : _inForce.Find(entry.Id)!));
        return changes;
    }

    private LocalModel Entry(CatalogueEntry entry, LoadingProgress progress)
    {
        ModelConfig config = entry.Config;
        long bytes = ModelLoading.WeightBytesOf(config);
        return new LocalModel(entry.Served, config.Device, config.Replicas, entry.Version, async (replicaId, cancellationToken) =>
        {
            int job = progress.Plan($"loading {replicaId}", bytes, isOpaque: true);
            return await progress.RunAsync<IReplica>(
                job, (_, took) => $"loaded {replicaId} on {config.Device} from {config.Path} in {ModelLoading.Seconds(took)} s",
                async _ => await Task.Run(() => replicas.Open(config, entry.Served, replicaId, config.Device), cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        });
    }
}
