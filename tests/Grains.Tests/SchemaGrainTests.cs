using Cluster.Grammar;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Cluster.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Grains.Tests;

public sealed class SchemaGrainTests
{
    private static readonly FleetOptions Fleet = ClusterFixture.Patient;

    [Fact]
    public async Task Compile_RefusedSchema_SaysWhereAndWhy()
    {
        await using var fixture = await ClusterFixture.StartAsync(2, Fleet);

        var verdict = await fixture.Edge.GetRequiredService<IGrainFactory>().GetGrain<ISchemaCompilerGrain>(0).CompileAsync(Spec("refuse"), false);

        Assert.Null(verdict.Hash);
        Assert.Equal(["/a not: Cannot be enforced."], verdict.Rejections);
    }

    [Fact]
    public async Task Directory_SchemaOfOneSilo_IsCompiledByASiloThatJoinsLater()
    {
        await using var fixture = await ClusterFixture.StartAsync(2, Fleet);
        var verdict = await fixture.Edge.GetRequiredService<IGrainFactory>().GetGrain<ISchemaCompilerGrain>(0).CompileAsync(Spec("hot"), false);
        Assert.NotNull(verdict.Hash);
        var directory = fixture.Edge.GetRequiredService<IGrainFactory>().GetGrain<ISchemaDirectoryGrain>(0);
        await Eventually.HoldsAsync(async () => (await directory.ListAsync()).Length > 0, withinMs: 30_000);

        var joined = await fixture.Cluster.StartAdditionalSiloAsync();
        var compiler = joined.ServiceProvider.GetRequiredService<CountingCompiler>();

        await Eventually.HoldsAsync(() => !compiler.Compiled.IsEmpty, withinMs: 30_000);
        Assert.Equal(["hot"], compiler.Compiled);
    }

    [Fact]
    public async Task Admin_Snapshot_ShowsSilosRolesAndReplicas()
    {
        await using var fixture = await ClusterFixture.StartAsync(3, Fleet);
        await fixture.ReplicasAsync(r => r.Any(replica => replica.Snapshot.Health == ReplicaHealth.Ready));
        var admin = fixture.Edge.GetRequiredService<IGrainFactory>().GetGrain<IClusterAdminGrain>(0);

        // The model grain hears of it by the silo's next report, the edge perhaps before.
        ClusterSnapshot snapshot = null!;
        await Eventually.HoldsAsync(
            async () => (snapshot = await admin.GetSnapshotAsync([ClusterFixture.ModelId])).Replicas.Any(replica => replica.Health == ReplicaHealth.Ready), withinMs: 30_000);

        Assert.Equal(["edge", "replica", "replica"], snapshot.Silos.Select(silo => silo.Role).Order());
        Assert.Equal(ReplicaHealth.Ready, Assert.Single(snapshot.Replicas).Health);
        await admin.ScaleAsync(ClusterFixture.ModelId, 2);
        await fixture.ReplicasAsync(r => r.Count(replica => replica.Snapshot.Health == ReplicaHealth.Ready) == 2);
    }

    private static GrammarSpec Spec(string text) => new(GrammarKind.JsonSchema, text, new GrammarOptions());
}
