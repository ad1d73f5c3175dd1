using Cluster.Serving.Fleet;

namespace Cluster.Serving.Tests.Fleet;

/// <summary>What the planner does while silos go over to another version of a model, or to none.</summary>
public sealed class VersionPlanTests
{
    private static readonly Dictionary<string, string> Nothing = [];

    [Fact]
    public void Outdated_WithAFreeDevice_IsFollowedBesideItAndStays()
        => Assert.Equal([new FleetAction.Start("m/1", "a")], Plan(1, ["old", "new"], Silo("a", free: 1, Replica("m/0", "a", "old"))));

    [Fact]
    public void Outdated_StaysWhileAnEdgeNeedsIt_AndRetiresWhenNoneDoes()
    {
        SiloView silo = Silo("a", free: 0, Replica("m/0", "a", "old"), Replica("m/1", "a", "new"));

        Assert.Empty(Plan(1, ["old", "new"], silo));
        Assert.Empty(Plan(1, null, silo)); // Nobody has told yet.
        Assert.Equal([new FleetAction.Retire("m/0", "a")], Plan(1, ["new"], silo));
    }

    [Fact]
    public void Outdated_WhoseSequencesAnotherCanContinue_IsStoppedAsSoonAsAllSuccessorsAreThere()
    {
        // Another setting of the same weights: the same fingerprint, another version.
        ReplicaSnapshot old = Replica("m/0", "a", "same") with { Version = "before" };
        ReplicaSnapshot loading = Replica("m/1", "a", "same") with { Version = "same", Health = ReplicaHealth.Loading };

        Assert.Empty(Plan(1, ["same"], Silo("a", 0, "same", old, loading)));
        Assert.Equal([new FleetAction.Stop("m/0", "a")], Plan(1, ["same"], Silo("a", 0, "same", old, loading with { Health = ReplicaHealth.Ready })));
    }

    [Fact]
    public void Outdated_WithoutAFreeDevice_MakesRoomOneAtATime()
    {
        SiloView[] both = [Silo("a", 0, Replica("m/0", "a", "old") with { OutstandingTokens = 5 }), Silo("b", 0, Replica("m/1", "b", "old"))];

        // The less loaded one, whose sequences the other can continue.
        Assert.Equal([new FleetAction.Stop("m/1", "b")], Plan(2, ["old"], both));
        Assert.Empty(Plan(2, ["old"], both[0], Silo("b", 0, Replica("m/1", "b", "old") with { Health = ReplicaHealth.Draining })));
        Assert.Equal([new FleetAction.Start("m/1", "b")], Plan(2, ["old"], both[0], Silo("b", 1)));
        Assert.Empty(Plan(2, ["old"], both[0], Silo("b", 0, Replica("m/2", "b", "new") with { Health = ReplicaHealth.Loading })));

        // The last of its version lets its sequences end.
        Assert.Equal([new FleetAction.Retire("m/0", "a")], Plan(2, ["old", "new"], both[0], Silo("b", 0, Replica("m/2", "b", "new"))));
    }

    [Fact]
    public void Outdated_TheOnlyOneWithoutAFreeDevice_LetsItsSequencesEnd()
        => Assert.Equal([new FleetAction.Retire("m/0", "a")], Plan(1, ["old"], Silo("a", 0, Replica("m/0", "a", "old"))));

    [Fact]
    public void Outdated_StillLoading_IsStoppedAtOnce()
        => Assert.Equal([new FleetAction.Start("m/1", "a"), new FleetAction.Stop("m/0", "a")], Plan(1, null, Silo("a", 1, Replica("m/0", "a", "old") with { Health = ReplicaHealth.Loading })));

    [Fact]
    public void Removed_RetiresWhenNoEdgeNeedsIt_AndIsNotStartedAgain()
    {
        SiloView silo = Silo("a", 1, Replica("m/0", "a", "old"));
        silo = silo with { Report = silo.Report with { Models = [], Offers = [] } };

        Assert.Empty(Plan(1, ["old"], silo));
        Assert.Equal([new FleetAction.Retire("m/0", "a")], Plan(1, [], silo));
    }

    [Fact]
    public void Unloaded_StopsEveryVersion()
        => Assert.Equal([new FleetAction.Stop("m/1", "a"), new FleetAction.Stop("m/0", "a")], Plan(0, ["old", "new"], Silo("a", 0, Replica("m/0", "a", "old"), Replica("m/1", "a", "new"))));

    [Fact]
    public void SilosThatTellNoVersions_HaveNoOutdatedReplicas()
    {
        SiloView silo = Silo("a", 1, Replica("m/0", "a", "old"));
        Assert.Empty(Plan(1, [], silo with { Report = silo.Report with { Offers = [] } }));
    }

    private static System.Collections.Immutable.ImmutableArray<FleetAction> Plan(int desired, string[]? needed, params SiloView[] silos) => FleetPlanner.Plan("m", desired, silos, Nothing, needed?.ToHashSet());

    private static SiloView Silo(string silo, int free, params ReplicaSnapshot[] replicas) => Silo(silo, free, "new", replicas);

    private static SiloView Silo(string silo, int free, string offered, params ReplicaSnapshot[] replicas)
        => new(new SiloReport { Silo = silo, Models = ["m"], Offers = [new ModelOffer("m", offered, offered)], FreeDevices = free, Replicas = [.. replicas] }, false, false);

    private static ReplicaSnapshot Replica(string id, string silo, string version)
        => new() { Id = id, ModelId = "m", Silo = silo, Health = ReplicaHealth.Ready, Fingerprint = version, Version = version };
}
