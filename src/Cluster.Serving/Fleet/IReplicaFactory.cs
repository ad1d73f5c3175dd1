namespace Cluster.Serving.Fleet;

/// <summary>Loads models on this machine's devices.</summary>
public interface IReplicaFactory
{
    /// <summary>Models that this process can load.</summary>
    IReadOnlyList<string> Models { get; }

    /// <summary>The same, with the versions that it would load; may change while it runs.</summary>
    IReadOnlyList<ModelOffer> Offers => [.. Models.Select(model => new ModelOffer(model, "", ""))];

    /// <summary>
    /// Loads a model on a device and starts its engine. May take long; throws where it cannot be loaded. If the replica is
    /// <see cref="IAsyncDisposable"/>, disposing it stops the engine and frees the device's memory.
    /// </summary>
    Task<IReplica> OpenAsync(string replicaId, string modelId, string device, CancellationToken cancellationToken);
}
