using Cluster.Grains.Membership;
using Cluster.Grains.Placement;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Serialization;

namespace Cluster.Grains;

/// <summary>Makes a silo part of the cluster.</summary>
public static class ClusterGrains
{
    /// <summary>Name of the grain storage that a host must configure.</summary>
    public const string Storage = "cluster";

    /// <summary>Name of the grain directory of models and replicas.</summary>
    public const string Directory = "cluster";

    /// <summary>
    /// Adds grains, placement, the device pool and the silo's agent. The host brings <see cref="IReplicaFactory"/> where the silo has devices,
    /// <see cref="EdgeModels"/> where its catalogue may change, <see cref="DeviceOptions"/>, <see cref="FleetOptions"/>, and grain storage named <see cref="Storage"/>.
    /// </summary>
    /// <param name="role">One of <see cref="SiloRole"/>.</param>
    /// <param name="models">Every model of the catalogue at first.</param>
    /// <param name="compiler">This silo's own compiler; the cluster hears of what it compiles.</param>
    public static ISiloBuilder AddClusterGrains(
        this ISiloBuilder silo, string role, IReadOnlyList<string> models, Func<IServiceProvider, ISchemaCompiler> compiler)
    {
        silo.UseSiloMetadata(new Dictionary<string, string> { [SiloRole.Key] = role });
#pragma warning disable ORLEANSEXP003 // The strongly consistent directory: never two activations of one replica or model.
        silo.AddDistributedGrainDirectory(Directory);
#pragma warning restore ORLEANSEXP003
        silo.Services.AddPlacementDirector<FreeDeviceStrategy, FreeDevicePlacementDirector>(ServiceLifetime.Transient);
        silo.Services.Configure<ExceptionSerializationOptions>(serialization => serialization.SupportedNamespacePrefixes.Add("Cluster"));
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.TryAddSingleton<IReplicaFactory, NoReplicas>();
        silo.Services.AddSingleton(services => new DevicePool(
            services.GetRequiredService<IOptions<DeviceOptions>>().Value, services.GetRequiredService<TimeProvider>()));
        silo.Services.AddSingleton(services => new ReplicaHost(
            services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString(),
            services.GetRequiredService<DevicePool>(), services.GetRequiredService<IReplicaFactory>(),
            services.GetRequiredService<IOptions<FleetOptions>>().Value, services.GetRequiredService<TimeProvider>()));
        silo.Services.AddSingleton<IReplicaWire, GrainWire>();
        silo.Services.AddSingleton<RoutedReplicaDirectory>();
        silo.Services.AddSingleton(services => new ReplicaPulse(
            services.GetRequiredService<RoutedReplicaDirectory>(),
            (replicaId, cancellationToken) => services.GetRequiredService<IGrainFactory>().GetGrain<IModelReplicaGrain>(replicaId).GetSnapshotAsync(),
            services.GetRequiredService<IOptions<FleetOptions>>().Value, services.GetRequiredService<TimeProvider>()));
        silo.Services.AddSingleton<SiloStop>();
        silo.Services.AddSingleton<ConnectionWatch>();
        silo.Services.AddOptions<SiloConnectionOptions>().Configure<ConnectionWatch>((connections, watch) => connections.ConfigureSiloOutboundConnection(watch.Watch));
        silo.Services.AddSingleton(services => new SharedSchemaCompiler(
            compiler(services), schema => services.GetRequiredService<IGrainFactory>().GetGrain<ISchemaDirectoryGrain>(0).RememberAsync(schema),
            services.GetRequiredService<IOptions<FleetOptions>>().Value));
        silo.Services.AddSingleton<ISchemaCompiler>(services => services.GetRequiredService<SharedSchemaCompiler>());
        if (role == SiloRole.Replica) silo.Services.AddSingleton<IReplicaDirectory>(services => services.GetRequiredService<ReplicaHost>());
        else silo.Services.AddSingleton<IReplicaDirectory>(services => services.GetRequiredService<RoutedReplicaDirectory>());
        silo.Services.AddSingleton(services => new ClusterModels(
            role, models, services.GetRequiredService<IReplicaFactory>(), services.GetRequiredService<ReplicaHost>(), services.GetService<EdgeModels>()));
        silo.Services.AddSingleton<ModelLinks>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SiloAgent>();
        return silo;
    }

    private sealed class NoReplicas : IReplicaFactory
    {
        public IReadOnlyList<string> Models => [];

        public Task<IReplica> OpenAsync(string replicaId, string modelId, string device, CancellationToken cancellationToken)
            => throw new NotSupportedException("This silo has no devices.");
    }
}
