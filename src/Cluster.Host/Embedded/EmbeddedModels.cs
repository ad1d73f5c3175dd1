using Cluster.Host.Configuration;
using Cluster.Host.Loading;
using Cluster.Host.Models;
using Cluster.Serving;
using Cluster.Serving.Local;

namespace Cluster.Host.Embedded;

/// <summary>Brings the catalogue's entries into force, at start and whenever its file changes.</summary>
public sealed class EmbeddedModels(LocalFleet fleet, ModelCatalogue catalogue, OnnxReplicas replicas, TimeProvider time) : IModelReload
{
    /// <summary>What of an entry its replicas depend on; the rest (sampling, prompt, number of replicas) changes without opening anything anew.</summary>
    private sealed record Version(ModelConfig Config, string Fingerprint)
    {
        public static Version Of(ModelConfig config, ServedModel served)
            => new(config with { Replicas = 1, Sampling = new SamplingConfig(), InjectSchema = false }, served.Fingerprint);
    }

    private Dictionary<string, (ModelConfig Config, ServedModel Served)> _inForce = [];

    /// <summary>Opens every replica of the catalogue.</summary>
    /// <exception cref="ConfigurationException">Not one could be opened.</exception>
    public async Task OpenAsync(IReadOnlyList<ModelConfig> models, LoadingProgress progress)
    {
        (ModelConfig Config, ServedModel Served)[] entries = [.. models.Select(model => (model, catalogue.Find(model.Id)!))];
        IReadOnlyList<string> faults = await fleet.ApplyAsync([.. entries.Select(entry => Entry(entry.Config, entry.Served, progress))], CancellationToken.None).ConfigureAwait(false);
        _inForce = entries.ToDictionary(entry => entry.Config.Id, StringComparer.Ordinal);
        if (fleet.All.Count > 0 && fleet.All.All(replica => replica.Snapshot.Health == ReplicaHealth.Failed)) throw new ConfigurationException(faults);
        foreach (string fault in faults) progress.Say($"could not load: {fault}");
    }

    /// <inheritdoc/>
    public async Task<ModelChanges> ApplyAsync(IReadOnlyList<ModelConfig> models, LoadingProgress progress, CancellationToken cancellationToken)
    {
        ModelConfig[] anew = [.. models.Where(model => !IsSameModel(model))];
        IReadOnlyList<ServedModel> read = await ModelLoading.ReadAsync(anew, progress, time).ConfigureAwait(false);
        Dictionary<string, ServedModel> served = read.ToDictionary(model => model.Id, StringComparer.Ordinal);
        (ModelConfig Config, ServedModel Served)[] entries = [.. models.Select(model => (model, served.GetValueOrDefault(model.Id) ?? ServedModelLoader.WithSettings(_inForce[model.Id].Served, model)))];
        string[] removed = [.. _inForce.Keys.Except(models.Select(model => model.Id))];
        string[] added = [.. models.Select(model => model.Id).Except(_inForce.Keys)];
        string[] changed = [.. models.Where(model => _inForce.TryGetValue(model.Id, out var old) && old.Config != model).Select(model => model.Id)];
        IReadOnlyList<string> faults = await fleet.ApplyAsync([.. entries.Select(entry => Entry(entry.Config, entry.Served, progress))], cancellationToken).ConfigureAwait(false);
        _inForce = entries.Select(entry => fleet.Runs(Version.Of(entry.Config, entry.Served), entry.Config.Id) ? entry : _inForce[entry.Config.Id])
            .ToDictionary(entry => entry.Config.Id, StringComparer.Ordinal);
        return new ModelChanges(added, changed, removed, faults);
    }

    /// <summary>Whether tokenizer, template and weights are those that were read for the entry in force.</summary>
    private bool IsSameModel(ModelConfig model) => _inForce.TryGetValue(model.Id, out (ModelConfig Config, ServedModel Served) old)
        && (old.Config.Path, old.Config.Graph, old.Config.Dtype, old.Config.ChatTemplate, old.Config.ContextLength, old.Config.Fingerprint)
            == (model.Path, model.Graph, model.Dtype, model.ChatTemplate, model.ContextLength, model.Fingerprint);

    private LocalModel Entry(ModelConfig config, ServedModel served, LoadingProgress progress)
    {
        long bytes = ModelLoading.WeightBytesOf(config);
        return new LocalModel(served, config.Device, config.Replicas, Version.Of(config, served), async (replicaId, cancellationToken) =>
        {
            int job = progress.Plan($"loading {replicaId}", bytes, isOpaque: true);
            return await progress.RunAsync<IReplica>(
                job, (_, took) => $"loaded {replicaId} on {config.Device} from {config.Path} in {ModelLoading.Seconds(took)} s",
                async _ => await Task.Run(() => replicas.Open(config, served, replicaId, config.Device), cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        });
    }
}
