using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Grains.Placement;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Cluster.Serving.Local;
using Cluster.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.TestingHost;

namespace Cluster.Grains.Tests;

/// <summary>A cluster of real silos in this process: the first is the edge without devices, the others are replica silos with their own devices.</summary>
public sealed class ClusterFixture : IAsyncDisposable
{
    public const string ModelId = "scripted";

    /// <summary>For tests in which nothing dies: however busy the cores, nothing is taken for lost.</summary>
    public static readonly FleetOptions Patient = new() { ReportMs = 50, ReconcileMs = 50, StaleMs = 60_000, PulseLostMs = 60_000, PulseLostMaxMs = 60_000 };

    private ClusterFixture(InProcessTestCluster cluster, string locks) => (Cluster, Locks) = (cluster, locks);

    public InProcessTestCluster Cluster { get; }

    /// <summary>Folder of the device locks and logs.</summary>
    public string Locks { get; }

    public IServiceProvider Edge => Cluster.Silos[0].ServiceProvider;

    public RoutedReplicaDirectory Routes => Edge.GetRequiredService<RoutedReplicaDirectory>();

    public IModelGrain Model => Edge.GetRequiredService<IGrainFactory>().GetGrain<IModelGrain>(ModelId);

    public static async Task<ClusterFixture> StartAsync(
        short silos, FleetOptions fleet, int devicesPerSilo = 1, int stepMs = 0, int? engineStepMs = null, int engineSlots = 64, Action<ISiloBuilder, bool>? configure = null)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        string locks = Directory.CreateTempSubdirectory("cluster-devices-").FullName;
        int started = 0;
        builder.ConfigureSilo((options, silo) =>
        {
            int number = Interlocked.Increment(ref started); // A silo started later may get an earlier one's name, never its devices.
            bool isEdge = options.SiloName.EndsWith('0');
            silo.AddMemoryGrainStorage(ClusterGrains.Storage);
            silo.Services.AddSingleton(Options.Create(fleet));
            silo.Services.AddSingleton(Options.Create(new DeviceOptions
            {
                Devices = isEdge ? [] : [.. Enumerable.Range(0, devicesPerSilo).Select(n => $"silo{number}:{n}")],
                LockFolder = locks, BeatMs = 50,
            }));
            if (!isEdge)
            {
                var loadTime = TimeSpan.FromMilliseconds(50);
                silo.Services.AddSingleton<IReplicaFactory>(services => engineStepMs is { } engineStep
                    ? new EngineReplicas(ModelId, TimeSpan.FromMilliseconds(engineStep), loadTime, new LocalSchemaCompiler(new GrammarCache(new GrammarCacheOptions())), engineSlots)
                    : new ScriptedReplicaFactory(TimeSpan.FromMilliseconds(stepMs), loadTime, ModelId));
            }
            configure?.Invoke(silo, isEdge); // After what is above, and in its place where both say something.
            silo.Services.AddSingleton<CountingCompiler>();
            silo.AddClusterGrains(isEdge ? SiloRole.Edge : SiloRole.Replica, [ModelId], services => services.GetRequiredService<CountingCompiler>());
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new ClusterFixture(cluster, locks);
    }

    /// <summary>Waits until the edge's routing table says so.</summary>
    public async Task<IReadOnlyList<IReplica>> ReplicasAsync(Func<IReadOnlyList<IReplica>, bool> until, int timeoutMs = 60_000)
    {
        IReadOnlyList<IReplica> replicas = [];
        await Eventually.HoldsAsync(() => until(replicas = Routes.ReplicasOf(ModelId)), timeoutMs,
            () => "the routing table is " + string.Join(", ", replicas.Select(replica => replica.Snapshot)));
        return replicas;
    }

    /// <summary>Overlapping owners in the devices' own logs.</summary>
    public int DoubleOwners() => Directory.EnumerateFiles(Locks, "*.log").Sum(log =>
    {
        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return DeviceLog.CountDoubleOwners(reader.ReadToEnd().Split('\n'));
    });

    public static SequenceJournal Journal(string id, ulong seed, int tokens) => new()
    {
        RequestId = id, PromptTokens = [1, 2, 3], TokensMax = tokens, Sampling = new SamplingOptions { Seed = seed },
    };

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        Directory.Delete(Locks, recursive: true);
    }
}
