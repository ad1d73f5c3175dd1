using Cluster.Serving;
using Cluster.Serving.Fleet;

namespace Cluster.Serving.Tests.Fleet;

public sealed class FleetPlannerTests
{
    private static readonly Dictionary<string, string> Nothing = [];

    [Fact]
    public void Plan_TooFewReplicas_SpreadsThemOverSilosWithFreeDevices()
    {
        var actions = FleetPlanner.Plan("m", 3, [View("a", free: 2), View("b", free: 2), View("c", free: 0)], Nothing);

        Assert.Equal([new FleetAction.Start("m/0", "a"), new FleetAction.Start("m/1", "b"), new FleetAction.Start("m/2", "a")], actions);
    }

    [Fact]
    public void Plan_NoFreeDevice_DoesNothing()
        => Assert.Empty(FleetPlanner.Plan("m", 1, [View("a", free: 0)], Nothing));

    [Fact]
    public void Plan_SiloWithoutTheModelOrDrainingOrRefusing_IsNotAsked()
    {
        SiloView[] silos =
        [
            View("a", free: 1) with { Report = Report("a", 1) with { Models = ["other"] } },
            View("b", free: 1) with { Report = Report("b", 1) with { Draining = true } },
            View("c", free: 1) with { IsRefusing = true },
            View("d", free: 1) with { IsStale = true },
        ];

        Assert.Empty(FleetPlanner.Plan("m", 1, silos, Nothing));
    }

    [Fact]
    public void Plan_SilentSilo_ItsReplicaIsReplacedUnderANewNumber()
    {
        var silent = View("a", free: 0, Replica("m/0", "a")) with { IsStale = true };

        Assert.Equal([new FleetAction.Start("m/1", "b")], FleetPlanner.Plan("m", 1, [silent, View("b", free: 1)], Nothing));
    }

    [Fact]
    public void Plan_StartUnderWay_IsNotStartedTwice()
        => Assert.Empty(FleetPlanner.Plan("m", 1, [View("a", free: 2)], new Dictionary<string, string> { ["m/0"] = "a" }));

    [Fact]
    public void Plan_TooMany_StopsTheLeastLoaded()
    {
        var view = View("a", 0, Replica("m/0", "a") with { OutstandingTokens = 1 }, Replica("m/1", "a") with { OutstandingTokens = 9 });

        Assert.Equal([new FleetAction.Stop("m/0", "a")], FleetPlanner.Plan("m", 1, [view], Nothing));
    }

    [Fact]
    public void Plan_FailedReplica_GivesItsDeviceBackAndIsReplaced()
    {
        var view = View("a", 1, Replica("m/0", "a") with { Health = ReplicaHealth.Failed });

        Assert.Equal([new FleetAction.Stop("m/0", "a"), new FleetAction.Start("m/1", "a")], FleetPlanner.Plan("m", 1, [view], Nothing));
    }

    [Fact]
    public void Plan_DrainingReplica_IsReplacedAtOnce()
    {
        var view = View("a", 1, Replica("m/0", "a") with { Health = ReplicaHealth.Draining });

        Assert.Equal([new FleetAction.Start("m/1", "a")], FleetPlanner.Plan("m", 1, [view], Nothing));
    }

    private static SiloView View(string silo, int free, params ReplicaSnapshot[] replicas) => new(Report(silo, free, replicas), false, false);

    private static SiloReport Report(string silo, int free, params ReplicaSnapshot[] replicas)
        => new() { Silo = silo, Models = ["m"], FreeDevices = free, Replicas = [.. replicas] };

    private static ReplicaSnapshot Replica(string id, string silo)
        => new() { Id = id, ModelId = "m", Silo = silo, Health = ReplicaHealth.Ready };
}
