using Cluster.Grammar;
using Cluster.Serving;
using Cluster.Serving.Local;

namespace Cluster.Grains.Tests.Behaviour;

/// <summary>Three silos: an edge and two with a device for each replica and one to spare.</summary>
public sealed class SiloCluster : IClusterUnderTest, IAsyncLifetime
{
    private ClusterFixture _fixture = null!;

    public IReplicaDirectory Directory => _fixture.Routes;

    public ISchemaCompiler Compiler { get; } = new LocalSchemaCompiler(new GrammarCache(new GrammarCacheOptions()));

    public async ValueTask InitializeAsync() => _fixture = await ClusterFixture.StartAsync(3, ClusterFixture.Patient with { Replicas = IClusterUnderTest.Replicas }, devicesPerSilo: 2,
        engineStepMs: IClusterUnderTest.StepMs, engineSlots: IClusterUnderTest.Slots);

    public Task ReplaceAsync(string replicaId) => _fixture.Model.ReplaceAsync(replicaId);

    public Task ScaleAsync(int replicas) => _fixture.Model.ScaleAsync(replicas);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();
}

public sealed class SiloClusterBehaviourTests(SiloCluster cluster) : ClusterBehaviour(cluster), IClassFixture<SiloCluster>;
