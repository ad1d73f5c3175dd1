using Cluster.Dashboard;
using Cluster.Grains;
using Cluster.Grains.Membership;
using Cluster.Grains.Placement;
using Cluster.Grammar;
using Cluster.Host.Configuration;
using Cluster.Host.Models;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Cluster.Serving.Local;
using Cluster.Serving.Resuming;
using Microsoft.Extensions.Options;

namespace Cluster.Host;

/// <summary>
/// This process as a silo of an Orleans cluster: the same serving objects, with a directory of replicas that may be elsewhere.
/// Left out of builds without the Orleans packages; OrleansAbsent/ takes its place there.
/// </summary>
public static class OrleansMode
{
    /// <summary>The handed-over sequences' last deltas, and the goodbye to the cluster.</summary>
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(10);

    /// <summary>Settings that only a build with Orleans has.</summary>
    public static IReadOnlyList<SettingsSection> Sections { get; } = [new($"{ClusterHostOptions.Section}:Membership", typeof(MembershipOptions))];

    /// <summary>What only a silo serves.</summary>
    public static void MapOrleansMode(this IEndpointRouteBuilder routes) => routes.MapOrleansDashboard();

    /// <exception cref="ConfigurationException">A setting of Cluster:Membership, :Fleet, :Devices or :Resume is out of bounds.</exception>
    public static void AddOrleansMode(this WebApplicationBuilder builder, IReadOnlyList<ModelConfig> models)
    {
        // 1. Settings
        var membership = Read<MembershipOptions>("Membership");
        var fleet = Read<FleetOptions>("Fleet");
        var devices = Read<DeviceOptions>("Devices");
        bool hasDevices = membership.Role != SiloRole.Edge;
        if (membership.Kind == MembershipKind.PostgreSql && membership.ConnectionString.Length == 0)
            throw new ConfigurationException("Cluster:Membership:ConnectionString is empty; PostgreSql membership needs one (environment: Cluster__Membership__ConnectionString)");
        if (!hasDevices) devices = devices with { Devices = [] };
        bool hasOwnList = devices.Devices.Count > 0 || !hasDevices;
        if (!hasOwnList) devices = devices with { Devices = DeviceNames.Of(models) };

        // 2. What the grains need from the host
        builder.Services.AddSingleton(membership);
        builder.Services.AddSingleton(Options.Create(fleet));
        builder.Services.AddSingleton(Options.Create(devices));
        builder.Services.AddSingleton(Read<ResumeOptions>("Resume"));
        builder.Services.AddSingleton<IClusterControl, GrainControl>();
        if (hasDevices) builder.Services.AddSingleton<IReplicaFactory, PinnedReplicaFactory>();
        builder.Services.AddSingleton(services => new EdgeModels(
            services.GetRequiredService<IModelCatalogue>(), services.GetRequiredService<ModelUse>(), fleet, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<RollingCatalogue>();
        builder.Services.AddSingleton<IModelReload>(services => new SiloModels(
            services.GetRequiredService<CatalogueEntries>(), services.GetRequiredService<RollingCatalogue>(), services.GetRequiredService<OnnxReplicaFactory>(),
            hasOwnList ? null : services.GetRequiredService<DevicePool>(), services.GetRequiredService<TimeProvider>()));
        if (OrleansDashboard.IsAvailable) builder.Services.AddSingleton(new AdminLink(OrleansDashboard.Path, "Orleans dashboard"));
        builder.Services.AddHostedService<DatabaseSetup>();
        builder.Services.PostConfigure<Microsoft.Extensions.Hosting.HostOptions>(
            host => host.ShutdownTimeout += TimeSpan.FromMilliseconds(fleet.DrainMs) + LeaveTime);

        // 3. The silo
        builder.UseOrleans(silo => silo
            .UseClusterMembership(membership)
            .AddOrleansDashboard()
            .AddClusterGrains(membership.Role, [.. models.Select(model => model.Id)], services => new LocalSchemaCompiler(services.GetRequiredService<GrammarCache>(), services.GetRequiredService<SchemaStatistics>())));

        T Read<T>(string section)
            where T : class, new()
            => HostSettings.Read<T>(builder.Configuration, $"{ClusterHostOptions.Section}:{section}");
    }
}
