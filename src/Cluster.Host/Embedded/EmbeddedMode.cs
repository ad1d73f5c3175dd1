using Cluster.Host.Models;
using Cluster.Onnx;
using Cluster.Serving;
using Cluster.Serving.Local;

namespace Cluster.Host.Embedded;

/// <summary>One process: every replica of the catalogue is opened at start, on this machine's devices.</summary>
public static class EmbeddedMode
{
    public static void AddEmbeddedMode(this IServiceCollection services, IReadOnlyList<ModelConfig> models)
    {
        services.AddSingleton(provider => new LocalCluster(Open(provider.GetRequiredService<OnnxReplicaFactory>(), models)));
        services.AddSingleton<IReplicaDirectory>(provider => provider.GetRequiredService<LocalCluster>());
    }

    private static IReplica[] Open(OnnxReplicaFactory factory, IReadOnlyList<ModelConfig> models)
    {
        var opening = new List<Task<IReplica>>();
        foreach (ModelConfig model in models)
        {
            for (int n = 0; n < model.Replicas; n++) opening.Add(OpenAsync(factory, $"{model.Id}/{n}", model));
            Console.WriteLine($"loading {model.Id} ({model.Replicas} × {model.Device}) from {model.Path}");
        }
        return Task.WhenAll(opening).GetAwaiter().GetResult();
    }

    private static async Task<IReplica> OpenAsync(OnnxReplicaFactory factory, string replicaId, ModelConfig model)
    {
        try
        {
            return await factory.OpenAsync(replicaId, model.Id, model.Device, CancellationToken.None).ConfigureAwait(false);
        }
        catch (ModelLoadException exception)
        {
            throw new ConfigurationException($"Model '{model.Id}': {exception.Message}");
        }
    }
}
