using System.Net;
using Cluster.Grains.Membership;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime.Membership;
using Orleans.Runtime.MembershipService;
using Orleans.Storage;

namespace Cluster.Grains.Tests.Membership;

/// <summary>The stored queries, run by the providers that read them.</summary>
public sealed class DatabaseQueriesTests
{
    private const string Deleting = "deleting";
    private static readonly DateTime Now = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [Fact]
    public async Task Membership_TwoWritersWithOneVersion_OnlyTheFirstChangesIt()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var database = await StartDatabaseAsync();
        var one = await OpenTableAsync(database);
        var two = await OpenTableAsync(database);
        var empty = await one.ReadAll();
        Assert.Equal((0, 0), (empty.Version.Version, empty.Members.Count));

        Assert.True(await one.InsertRow(Entry(1, SiloStatus.Joining), empty.Version.Next()));
        Assert.False(await two.InsertRow(Entry(2, SiloStatus.Joining), empty.Version.Next()));
        Assert.False(await two.UpdateRow(Entry(1, SiloStatus.Dead), "", empty.Version.Next()));

        var seen = await two.ReadAll();
        Assert.Equal(1, seen.Version.Version);
        Assert.Equal((SiloStatus.Joining, 1), (Assert.Single(seen.Members).Item1.Status, seen.Members[0].Item1.SiloAddress.Generation));
        Assert.False(await two.InsertRow(Entry(1, SiloStatus.Joining), seen.Version.Next()));
        Assert.False(await two.UpdateRow(Entry(9, SiloStatus.Dead), "", seen.Version.Next()));
        Assert.Equal(1, (await one.ReadAll()).Version.Version);
    }

    [Fact]
    public async Task Membership_ManyWritersAtOnce_OneWinsEachVersion()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var database = await StartDatabaseAsync();
        var table = await OpenTableAsync(database);

        for (int round = 0; round < 5; round++)
        {
            var version = (await table.ReadAll()).Version.Next();
            bool[] inserted = await Task.WhenAll(Enumerable.Range(0, 8).Select(
                n => Task.Run(() => table.InsertRow(Entry(round * 8 + n, SiloStatus.Active), version))));
            Assert.Single(inserted, won => won);
            version = (await table.ReadAll()).Version.Next();
            var any = (await table.ReadAll()).Members[0].Item1;
            bool[] updated = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => table.UpdateRow(any, "", version))));
            Assert.Single(updated, won => won);
        }

        var all = await table.ReadAll();
        Assert.Equal((10, 5), (all.Version.Version, all.Members.Count));
    }

    [Fact]
    public async Task Membership_LifeOfASilo_ReadsBackWhatWasWritten()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var database = await StartDatabaseAsync();
        var table = await OpenTableAsync(database);
        var entry = Entry(1, SiloStatus.Joining);
        Assert.True(await table.InsertRow(entry, (await table.ReadAll()).Version.Next()));
        Assert.Empty(await GatewaysAsync(database));

        entry.Status = SiloStatus.Active;
        entry.SuspectTimes = [Tuple.Create(Entry(2, SiloStatus.Active).SiloAddress, Now)];
        Assert.True(await table.UpdateRow(entry, "", (await table.ReadAll()).Version.Next()));
        entry.IAmAliveTime = Now.AddMinutes(1);
        await table.UpdateIAmAlive(entry);

        var row = await table.ReadRow(entry.SiloAddress);
        var read = Assert.Single(row.Members).Item1;
        Assert.Equal(2, row.Version.Version);
        Assert.Equal((entry.SiloAddress, "silo", "host", 30_000), (read.SiloAddress, read.SiloName, read.HostName, read.ProxyPort));
        Assert.Equal((SiloStatus.Active, Now, entry.IAmAliveTime), (read.Status, read.StartTime, read.IAmAliveTime));
        Assert.Equal(entry.SuspectTimes, read.SuspectTimes);
        Assert.Equal(30_000, Assert.Single(await GatewaysAsync(database)).Port);
        var absent = await table.ReadRow(Entry(7, SiloStatus.Active).SiloAddress);
        Assert.Equal((2, 0), (absent.Version.Version, absent.Members.Count));

        await table.CleanupDefunctSiloEntries(Now.AddDays(1));
        Assert.Single((await table.ReadAll()).Members);
        entry.Status = SiloStatus.Dead;
        Assert.True(await table.UpdateRow(entry, "", (await table.ReadAll()).Version.Next()));
        await table.CleanupDefunctSiloEntries(Now);
        Assert.Single((await table.ReadAll()).Members);
        await table.CleanupDefunctSiloEntries(Now.AddDays(1));
        var left = await table.ReadAll();
        Assert.Equal((3, 0), (left.Version.Version, left.Members.Count));

        var other = await OpenTableAsync(database, "other");
        Assert.True(await other.InsertRow(entry, (await other.ReadAll()).Version.Next()));
        await table.DeleteMembershipTableEntries("cluster");
        await table.InitializeMembershipTable(true);
        Assert.Equal((0, 1), ((await table.ReadAll()).Version.Version, (await other.ReadAll()).Members.Count));
    }

    [Fact]
    public async Task State_TwoWriters_TheSecondMustReadFirst()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var database = await StartDatabaseAsync();
        using var silo = await StartSiloAsync(database);
        var storage = silo.Services.GetRequiredKeyedService<IGrainStorage>(ClusterGrains.Storage);
        var deleting = silo.Services.GetRequiredKeyedService<IGrainStorage>(Deleting);
        // A number, a text, a GUID, and the first and last with an extension: all are different grains.
        string[] keys = ["1f", "1f+more", "any text", "00000000000000010000000000000002", "00000000000000010000000000000002+more"];

        foreach (string key in keys) await TwoWritersAsync(storage, GrainId.Create("test", key));
        foreach (string key in keys) await DeleteAsync(storage, deleting, GrainId.Create("test", key));
        await silo.StopAsync();
    }

    private static async Task TwoWritersAsync(IGrainStorage storage, GrainId grain)
    {
        GrainState<Kept> one = new(), two = new();
        await storage.ReadStateAsync("kept", grain, one);
        Assert.False(one.RecordExists);

        one.State = new Kept { Text = "one" };
        await storage.WriteStateAsync("kept", grain, one);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("kept", grain, two));
        await storage.ReadStateAsync("kept", grain, two);
        Assert.Equal(("one", "1", true), (two.State.Text, two.ETag, two.RecordExists));
        await storage.WriteStateAsync("kept", grain, two);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("kept", grain, one));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("kept", grain, one));

        await storage.ClearStateAsync("kept", grain, two);
        await storage.ReadStateAsync("kept", grain, one);
        Assert.Equal(("", "3"), (one.State.Text, one.ETag));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("kept", grain, new GrainState<Kept>(new Kept())));
        await storage.WriteStateAsync("kept", grain, one);
        Assert.Equal("4", one.ETag);
    }

    private static async Task DeleteAsync(IGrainStorage storage, IGrainStorage deleting, GrainId grain)
    {
        GrainState<Kept> one = new(), two = new(new Kept(), "3") { RecordExists = true };
        await storage.ReadStateAsync("kept", grain, one);
        await Assert.ThrowsAsync<InconsistentStateException>(() => deleting.ClearStateAsync("kept", grain, two));
        await deleting.ClearStateAsync("kept", grain, one);
        await storage.ReadStateAsync("kept", grain, two);
        Assert.False(two.RecordExists);
    }

    [GenerateSerializer]
    public sealed class Kept
    {
        [Id(0)] public string Text { get; set; } = "";
    }

    private static MembershipEntry Entry(int generation, SiloStatus status) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, 11_111, generation), Status = status, SiloName = "silo", HostName = "host", ProxyPort = 30_000,
        StartTime = Now, IAmAliveTime = Now,
    };

    private static async Task<PostgresServer> StartDatabaseAsync()
    {
        var database = await PostgresServer.StartAsync();
        await DatabaseSchema.ApplyAsync(
            new MembershipOptions { ConnectionString = database.ConnectionString }, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        return database;
    }

    private static async Task<AdoNetClusteringTable> OpenTableAsync(PostgresServer database, string cluster = "cluster")
    {
        var table = new AdoNetClusteringTable(
            new ServiceCollection().BuildServiceProvider(), Options.Create(new ClusterOptions { ClusterId = cluster }),
            Options.Create(new AdoNetClusteringSiloOptions { Invariant = "Npgsql", ConnectionString = database.ConnectionString }),
            NullLogger<AdoNetClusteringTable>.Instance);
        await table.InitializeMembershipTable(true);
        return table;
    }

    private static async Task<IList<Uri>> GatewaysAsync(PostgresServer database)
    {
        var gateways = new AdoNetGatewayListProvider(
            NullLogger<AdoNetGatewayListProvider>.Instance, new ServiceCollection().BuildServiceProvider(),
            Options.Create(new AdoNetClusteringClientOptions { Invariant = "Npgsql", ConnectionString = database.ConnectionString }),
            Options.Create(new GatewayOptions()), Options.Create(new ClusterOptions { ClusterId = "cluster" }));
        await gateways.InitializeGatewayListProvider();
        return await gateways.GetGateways();
    }

    private static async Task<IHost> StartSiloAsync(PostgresServer database)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        var options = new MembershipOptions
        {
            Kind = MembershipKind.PostgreSql, ConnectionString = database.ConnectionString, SiloPort = PostgreSqlClusterTests.FreePort(),
            GatewayPort = PostgreSqlClusterTests.FreePort(),
        };
        builder.UseOrleans(silo => silo.UseClusterMembership(options).AddAdoNetGrainStorage(Deleting, storage =>
            (storage.Invariant, storage.ConnectionString, storage.DeleteStateOnClear) = ("Npgsql", database.ConnectionString, true)));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
