using Cluster.Host.Configuration;
using Cluster.Serving;
using Cluster.Serving.Local;

namespace Cluster.Host.Embedded;

/// <summary>One process: every replica of the catalogue is opened at start, on this machine's devices, and the catalogue may change while it serves.</summary>
public static class EmbeddedMode
{
    public static void AddEmbeddedMode(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(HostSettings.Read<LocalFleetOptions>(builder.Configuration, LocalFleetOptions.Section));
        builder.Services.AddSingleton<LocalFleet>();
        builder.Services.AddSingleton<IReplicaDirectory>(provider => provider.GetRequiredService<LocalFleet>());
        builder.Services.AddSingleton<IClusterControl>(provider => provider.GetRequiredService<LocalFleet>());
        builder.Services.AddSingleton<EmbeddedModels>();
        builder.Services.AddSingleton<IModelReload>(provider => provider.GetRequiredService<EmbeddedModels>());
    }
}
