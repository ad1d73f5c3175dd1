using Cluster.Decoding;
using Cluster.Decoding.Models;
using Cluster.Onnx;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Cluster.Serving.Local;

namespace Cluster.Host.Models;

/// <summary>Opens replicas on ONNX Runtime: loads the weights on a device and starts the decode loop over them.</summary>
public sealed class OnnxReplicas(ISchemaCompiler compiler, EngineOptions options, TimeProvider time)
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
        var engine = new Engine(weights, served.Tokenizer, own, time);
        return new LocalReplica(replicaId, config.Id, device, engine, compiler);
    }
}

/// <summary>Opens replicas of a fixed list of models, for a silo.</summary>
public sealed class OnnxReplicaFactory(IReadOnlyList<ModelConfig> models, IModelCatalogue catalogue, OnnxReplicas replicas) : IReplicaFactory
{
    public IReadOnlyList<string> Models { get; } = [.. models.Select(model => model.Id)];

    public async Task<IReplica> OpenAsync(string replicaId, string modelId, string device, CancellationToken cancellationToken) => await Task.Run(
        () => replicas.Open(models.First(model => model.Id == modelId), catalogue.Find(modelId)!, replicaId, device), cancellationToken).ConfigureAwait(false);
}
