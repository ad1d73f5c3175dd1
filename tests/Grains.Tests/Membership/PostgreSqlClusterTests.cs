using System.Net;
using System.Net.Sockets;
using Cluster.Grains.Membership;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Cluster.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Cluster.Grains.Tests.Membership;

public sealed class PostgreSqlClusterTests
{
    [Fact]
    public async Task Silos_OverPostgreSql_FindEachOtherAndKeepTheTargetOverARestart()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var database = await PostgresServer.StartAsync();
        string locks = Directory.CreateTempSubdirectory("cluster-devices-").FullName;

        using (var edge = await StartAsync(database, "edge", locks))
        using (var replica = await StartAsync(database, "replica", locks))
        {
            await ReadyAsync(edge, 1);
            await edge.Services.GetRequiredService<IGrainFactory>().GetGrain<IModelGrain>("m").ScaleAsync(2);
            await ReadyAsync(edge, 2);
            await replica.StopAsync();
            await edge.StopAsync();
        }

        using var edgeAgain = await StartAsync(database, "edge", locks);
        using var replicaAgain = await StartAsync(database, "replica", locks);
        await ReadyAsync(edgeAgain, 2);
        await replicaAgain.StopAsync();
        await edgeAgain.StopAsync();
        Directory.Delete(locks, recursive: true);
    }

    private static async Task<IHost> StartAsync(PostgresServer database, string role, string locks)
    {
        var options = new MembershipOptions
        {
            Kind = MembershipKind.PostgreSql, ConnectionString = database.ConnectionString, Role = role, SiloPort = FreePort(), GatewayPort = FreePort(),
        };
        await DatabaseSchema.ApplyAsync(options, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(Options.Create(new FleetOptions { ReportMs = 50, ReconcileMs = 50 }));
        builder.Services.AddSingleton(Options.Create(new DeviceOptions { Devices = role == "edge" ? [] : ["d:0", "d:1"], LockFolder = locks }));
        if (role != "edge") builder.Services.AddSingleton<IReplicaFactory>(new ScriptedReplicaFactory(TimeSpan.Zero, TimeSpan.Zero, "m"));
        builder.UseOrleans(silo => silo.UseClusterMembership(options).AddClusterGrains(role, ["m"], _ => new CountingCompiler()));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static Task ReadyAsync(IHost edge, int count) => ReadyAsync(edge.Services.GetRequiredService<IReplicaDirectory>(), count);

    internal static Task ReadyAsync(IReplicaDirectory directory, int count) => Eventually.HoldsAsync(
        () => directory.All.Count(replica => replica.Snapshot.Health == ReplicaHealth.Ready) == count, withinMs: 30_000,
        () => $"{count} ready replicas expected: " + string.Join(", ", directory.All.Select(replica => replica.Snapshot)));

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
