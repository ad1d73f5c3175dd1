using Cluster.Decoding;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;
using Orleans.Runtime.Placement;

namespace Cluster.Grains.Tests;

public sealed class ModelGrainTests
{
    private static readonly FleetOptions Fleet = ClusterFixture.Patient with { Replicas = 2, RetryMs = 200, DrainMs = 300 };

    [Fact]
    public async Task Model_TwoReplicaSilos_OneReplicaOnEachAndNoneOnTheEdge()
    {
        await using var fixture = await ClusterFixture.StartAsync(3, Fleet);

        var replicas = await fixture.ReplicasAsync(r => Ready(r) == 2);

        Assert.Equal(2, replicas.Select(replica => replica.Snapshot.Silo).Distinct().Count());
        Assert.DoesNotContain(fixture.Cluster.Silos[0].SiloAddress.ToParsableString(), replicas.Select(replica => replica.Snapshot.Silo));
    }

    [Fact]
    public async Task Scale_UpAndDown_IsReconciled()
    {
        await using var fixture = await ClusterFixture.StartAsync(3, Fleet, devicesPerSilo: 2);
        await fixture.ReplicasAsync(r => Ready(r) == 2);

        await fixture.Model.ScaleAsync(4);
        await fixture.ReplicasAsync(r => Ready(r) == 4);
        await fixture.Model.ScaleAsync(1);

        await fixture.ReplicasAsync(r => Ready(r) == 1 && r.Count == 1);
    }

    [Fact]
    public async Task DrainSilo_ThenResume_EmptiesItAndUsesItAgain()
    {
        await using var fixture = await ClusterFixture.StartAsync(3, Fleet, devicesPerSilo: 2);
        string silo = (await fixture.ReplicasAsync(r => Ready(r) == 2))[0].Snapshot.Silo;
        var admin = fixture.Edge.GetRequiredService<IGrainFactory>().GetGrain<IClusterAdminGrain>(0);

        await admin.DrainSiloAsync(silo);
        await fixture.ReplicasAsync(r => Ready(r) == 2 && r.All(replica => replica.Snapshot.Silo != silo));
        await admin.ResumeSiloAsync(silo);
        await admin.ScaleAsync(ClusterFixture.ModelId, 4);

        await fixture.ReplicasAsync(r => Ready(r) == 4 && r.Any(replica => replica.Snapshot.Silo == silo));
        Assert.Equal(4, (await admin.GetSnapshotAsync([])).Replicas.Length);
        Assert.Equal(0, fixture.DoubleOwners());
    }

    [Fact]
    public async Task Model_MoreReplicasThanDevices_RunsAsManyAsThereAreDevices()
    {
        await using var fixture = await ClusterFixture.StartAsync(3, Fleet with { Replicas = 5 });

        await fixture.ReplicasAsync(r => Ready(r) == 2);
        await Task.Delay(500);

        Assert.Equal(2, fixture.Routes.ReplicasOf(ClusterFixture.ModelId).Count);
        Assert.Equal(0, fixture.DoubleOwners());
    }

    [Fact]
    public async Task Replace_OneReplica_HandsItsStreamOverAndAnotherTakesItsPlace()
    {
        await using var fixture = await ClusterFixture.StartAsync(3, Fleet, stepMs: 5);
        var old = (await fixture.ReplicasAsync(r => Ready(r) == 2))[0];
        var stream = old.GenerateAsync(ClusterFixture.Journal("r", 1, 100_000), CancellationToken.None).GetAsyncEnumerator();
        for (int n = 0; n < 20; n++) Assert.True(await stream.MoveNextAsync());
        int next = stream.Current.Position + 1;

        var replacing = fixture.Model.ReplaceAsync(old.Id);

        while (await stream.MoveNextAsync() && stream.Current.Finish is null) Assert.Equal(next++, stream.Current.Position);
        Assert.Equal(SequenceErrorKind.Draining, stream.Current.Error?.Kind);
        Assert.Equal(next, stream.Current.Position);
        await stream.DisposeAsync();
        await replacing;
        await fixture.ReplicasAsync(r => Ready(r) == 2);
        Assert.Equal(0, fixture.DoubleOwners());
    }

    [Fact]
    public async Task Silo_StopsGracefully_HandsOverEveryStreamBeforeItLeaves()
    {
        await using var fixture = await ClusterFixture.StartAsync(3, Fleet, stepMs: 5);
        var replicas = await fixture.ReplicasAsync(r => Ready(r) == 2);
        var silo = fixture.Cluster.Silos[1];
        var victim = replicas.Single(replica => replica.Snapshot.Silo == silo.SiloAddress.ToParsableString());
        var streams = Enumerable.Range(0, 16).Select(n => LastOfAsync(victim, n)).ToArray();
        await Task.Delay(200);

        await fixture.Cluster.StopSiloAsync(silo);

        Assert.All(await Task.WhenAll(streams), last => Assert.Equal(SequenceErrorKind.Draining, last.Error?.Kind));
        await fixture.ReplicasAsync(r => r.All(replica => replica.Snapshot.Silo != victim.Snapshot.Silo));
    }

    [Fact]
    public async Task Silo_StopsWithTheModelsGrain_EndsTheWatchingFirst()
    {
        await using var fixture = await ClusterFixture.StartAsync(3, Fleet);
        await fixture.ReplicasAsync(r => Ready(r) == 2);
        var silo = fixture.Cluster.Silos[1];
        var management = fixture.Edge.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        for (int waited = 0; !silo.SiloAddress.Equals(await management.GetActivationAddress(fixture.Model)); waited += 100)
        {
            Assert.True(waited < 20_000, "the model's grain did not move");
            RequestContext.Set(IPlacementDirector.PlacementHintKey, silo.SiloAddress);
            await fixture.Model.AsReference<IGrainManagementExtension>().MigrateOnIdle();
            RequestContext.Clear();
            await Task.Delay(100);
        }
        await fixture.ReplicasAsync(r => Ready(r) == 2);
        await using var watch = fixture.Model.WatchAsync(CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync());

        var stopping = fixture.Cluster.StopSiloAsync(silo);

        while (await watch.MoveNextAsync()) { } // Ends without an error: nothing is cut off.
        await stopping;
        await fixture.ReplicasAsync(r => Ready(r) == 1 && r.Count == 1);
    }

    [Fact]
    public async Task Silo_Killed_ItsReplicaComesBackOnANewSilo()
    {
        await using var fixture = await ClusterFixture.StartAsync(3, Fleet with { StaleMs = 1_000, PulseLostMs = 2_000 });
        await fixture.ReplicasAsync(r => Ready(r) == 2);
        var silo = fixture.Cluster.Silos[1];

        await fixture.Cluster.KillSiloAsync(silo);
        await fixture.ReplicasAsync(r => Ready(r) == 1);
        await fixture.Cluster.StartAdditionalSiloAsync();

        await fixture.ReplicasAsync(r => Ready(r) == 2);
        Assert.Equal(0, fixture.DoubleOwners());
    }

    private static int Ready(IEnumerable<IReplica> replicas) => replicas.Count(replica => replica.Snapshot.Health == ReplicaHealth.Ready);

    private static async Task<SequenceDelta> LastOfAsync(IReplica replica, int n)
        => await replica.GenerateAsync(ClusterFixture.Journal($"r{n}", (ulong)n, 100_000), CancellationToken.None).LastAsync();
}
