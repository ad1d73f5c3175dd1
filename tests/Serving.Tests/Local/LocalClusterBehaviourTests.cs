using Cluster.Grains.Tests;
using Cluster.Grains.Tests.Behaviour;
using Cluster.Grammar;
using Cluster.Serving.Local;

namespace Cluster.Serving.Tests.Local;

/// <summary>One process that is a cluster by itself.</summary>
public sealed class OneProcess : IClusterUnderTest, IAsyncLifetime
{
    private readonly LocalFleet _fleet = new(new ModelCatalogue([]), new ModelUse(), new LocalFleetOptions(), TimeProvider.System);

    public IReplicaDirectory Directory => _fleet;

    public ISchemaCompiler Compiler { get; } = new LocalSchemaCompiler(new GrammarCache(new GrammarCacheOptions()));

    public async ValueTask InitializeAsync()
    {
        var factory = new EngineReplicas(IClusterUnderTest.ModelId, TimeSpan.FromMilliseconds(IClusterUnderTest.StepMs), TimeSpan.Zero, Compiler, IClusterUnderTest.Slots);
        var model = new LocalModel(EngineReplicas.Served(IClusterUnderTest.ModelId), "cpu", IClusterUnderTest.Replicas, "1",
            (replicaId, cancellationToken) => factory.OpenAsync(replicaId, IClusterUnderTest.ModelId, "cpu", cancellationToken));
        Assert.Empty(await _fleet.ApplyAsync([model], CancellationToken.None));
    }

    public Task ReplaceAsync(string replicaId) => _fleet.ReplaceAsync(replicaId, CancellationToken.None);

    public Task ScaleAsync(int replicas) => _fleet.ScaleAsync(IClusterUnderTest.ModelId, replicas, CancellationToken.None);

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();
}

public sealed class LocalClusterBehaviourTests(OneProcess cluster) : ClusterBehaviour(cluster), IClassFixture<OneProcess>;
