using Cluster.Host.Models;
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
            for (int n = 0; n < model.Replicas; n++) opening.Add(factory.OpenAsync($"{model.Id}/{n}", model.Id, model.Device, CancellationToken.None));
            Console.WriteLine($"loading {model.Id} ({model.Replicas} × {model.Device}) from {model.Path}");
        }
        return Task.WhenAll(opening).GetAwaiter().GetResult();
    }
}
