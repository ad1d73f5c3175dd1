using Cluster.Chaos.Measures;
using Cluster.Grains;
using Cluster.Grains.Membership;
using Cluster.Grains.Tests;
using Cluster.Grammar;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cluster.Chaos;

/// <summary>A silo without HTTP: the run's edge, and replicas in which everything is real but the weights.</summary>
public static class ChaosSilo
{
    public const string FakeModelId = "chaos";

    /// <summary>Settings as command-line arguments, so that a silo is a process of its own.</summary>
    public static async Task<IHost> StartAsync(string modelId, string[] arguments)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(arguments);
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss.fff "));
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Cluster", LogLevel.Information).AddFilter("Orleans", LogLevel.Critical);
        var membership = builder.Configuration.GetSection("Membership").Get<MembershipOptions>()!;
        if (membership.Kind == MembershipKind.PostgreSql) await DatabaseSchema.ApplyAsync(membership, TimeProvider.System, LoggerFactory.Create(_ => { }).CreateLogger("schema"), CancellationToken.None);
        builder.Services.AddSingleton(Options.Create(builder.Configuration.GetSection("Fleet").Get<FleetOptions>()!));
        builder.Services.AddSingleton(Options.Create(builder.Configuration.GetSection("Devices").Get<DeviceOptions>()!));
        if (membership.Role != "edge") builder.Services.AddSingleton(services => Replicas(services, builder.Configuration));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        builder.UseOrleans(silo => silo.UseClusterMembership(membership).AddClusterGrains(membership.Role, [modelId], _ => new NoGrammars()));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static IReplicaFactory Replicas(IServiceProvider services, IConfiguration configuration)
    {
        var step = TimeSpan.FromMilliseconds(configuration.GetValue<double>("StepMs"));
        if (configuration.GetValue<bool>("Stamped")) return new StampedReplicas(FakeModelId, step);
        return new EngineReplicas(FakeModelId, step, TimeSpan.FromMilliseconds(configuration.GetValue<int>("LoadMs")), services.GetRequiredService<ISchemaCompiler>(), configuration.GetValue("Slots", 64));
    }
}

/// <summary>Free text needs no compiler.</summary>
public sealed class NoGrammars : ISchemaCompiler
{
    public ValueTask<CompileResult> CompileAsync(GrammarSpec spec, bool bestEffort, CancellationToken cancellationToken)
        => throw new NotSupportedException("No stream of this run is constrained.");
}
