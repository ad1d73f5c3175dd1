using Cluster.Decoding;
using Cluster.Decoding.Models;
using Cluster.Onnx;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Cluster.Serving.Local;
using Microsoft.Extensions.Logging;

namespace Cluster.Host.Models;

/// <summary>Opens replicas on ONNX Runtime: loads the weights on a device and starts the decode loop over them.</summary>
public sealed class OnnxReplicas(ISchemaCompiler compiler, EngineOptions options, TimeProvider time, ILogger<Engine>? logger = null)
{
    /// <exception cref="ModelLoadException">The model cannot be loaded, and why.</exception>
    public LocalReplica Open(ModelConfig config, ServedModel served, string replicaId, string device)
    {
        IModel weights = OnnxModel.Load(new OnnxModelOptions
        {
            Folder = config.Path,
            GraphFile = config.Graph,
            Dtype = config.Dtype,
            Id = config.Id,
            Device = device,
            Slots = config.Slots,
            ContextLength = served.ContextLength,
            CacheBytesMax = config.CacheBytesMax,
            Threads = config.Threads,
            Cores = config.Cores,
            TokenizerIds = served.Tokenizer.Vocabulary.Size,
        });
        EngineOptions own = options with { Name = replicaId, Fingerprint = served.Fingerprint, DraftTokensMax = config.DraftTokensMax ?? options.DraftTokensMax };
        var engine = new Engine(weights, served.Tokenizer, own, time, logger: logger);
        return new LocalReplica(replicaId, config.Id, device, engine, compiler);
    }
}

/// <summary>Opens replicas of the catalogue's models, for a silo.</summary>
public sealed class OnnxReplicaFactory(CatalogueEntries first, OnnxReplicas replicas) : IReplicaFactory
{
    private volatile IReadOnlyList<CatalogueEntry> _entries = first.All;

    public IReadOnlyList<string> Models => [.. _entries.Select(entry => entry.Id)];

    public IReadOnlyList<ModelOffer> Offers => [.. _entries.Select(entry => new ModelOffer(entry.Id, entry.Served.Fingerprint, entry.Version))];

    /// <summary>From now on these are opened; what is open stays.</summary>
    public void Replace(IReadOnlyList<CatalogueEntry> entries) => _entries = entries;

    public async Task<IReplica> OpenAsync(string replicaId, string modelId, string device, CancellationToken cancellationToken)
    {
        CatalogueEntry entry = _entries.FirstOrDefault(entry => entry.Id == modelId) ?? throw new InvalidOperationException($"The model '{modelId}' is no longer in the catalogue.");
        return await Task.Run(() => replicas.Open(entry.Config, entry.Served, replicaId, device), cancellationToken).ConfigureAwait(false);
    }
}
