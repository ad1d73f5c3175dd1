using Cluster.Serving;
using Cluster.Serving.Fleet;
using Cluster.Testing;

namespace Cluster.Serving.Tests.Fleet;

public sealed class ModelFleetTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Plan_RefusedStart_IsTriedElsewhereThenHereAgain()
    {
        var fleet = NewFleet();
        fleet.Accept(Report("a"));
        var start = Assert.Single(fleet.Plan());
        fleet.Refused(start);
        Assert.Empty(fleet.Plan());

        fleet.Accept(Report("b"));
        Assert.Equal("b", Assert.Single(fleet.Plan()).Silo);
    }

    [Fact]
    public void Table_SilentSilo_ItsReplicasAreLost()
    {
        var fleet = NewFleet();
        fleet.Accept(Report("a", new ReplicaSnapshot { Id = "m/0", ModelId = "m", Silo = "a", Health = ReplicaHealth.Ready }));
        Assert.Equal(ReplicaHealth.Ready, Assert.Single(fleet.Table.Replicas).Health);

        _time.Advance(TimeSpan.FromSeconds(4));
        fleet.Plan();

        Assert.Equal(ReplicaHealth.Lost, Assert.Single(fleet.Table.Replicas).Health);
    }

    [Fact]
    public async Task Watch_Changes_ArePushedInOrder()
    {
        var fleet = NewFleet();
        await using var tables = fleet.WatchAsync(CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await tables.MoveNextAsync());
        Assert.Empty(tables.Current.Replicas);

        var next = tables.MoveNextAsync();
        Assert.False(next.IsCompleted);
        fleet.Accept(Report("a", new ReplicaSnapshot { Id = "m/0", ModelId = "m" }));

        Assert.True(await next);
        Assert.Single(tables.Current.Replicas);
    }

    [Fact]
    public void Directory_OlderTable_IsIgnored()
    {
        var directory = new RoutedReplicaDirectory(ScriptedWire.None);
        var replica = new ReplicaSnapshot { Id = "m/0", ModelId = "m" };
        directory.Apply(new RoutingTable("m", 2, 1, [replica]));
        directory.Apply(new RoutingTable("m", 1, 9, []));

        Assert.Equal("m/0", Assert.Single(directory.ReplicasOf("m")).Id);
        directory.Apply(new RoutingTable("m", 2, 2, []));
        Assert.Empty(directory.All);
    }

    private ModelFleet NewFleet() => new("m", 1, new FleetOptions(), _time);

    private static SiloReport Report(string silo, params ReplicaSnapshot[] replicas)
        => new() { Silo = silo, Models = ["m"], FreeDevices = 1, Replicas = [.. replicas] };
}
