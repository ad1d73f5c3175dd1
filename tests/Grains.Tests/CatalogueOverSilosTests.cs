using System.Collections.Concurrent;
using System.Collections.Immutable;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Cluster.Serving.Generation;
using Cluster.Serving.Local;
using Cluster.Serving.Resuming;
using Cluster.Serving.Routing;
using Cluster.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cluster.Grains.Tests;

/// <summary>Models that are replaced, added and removed in a cluster of real silos while requests run: none is dropped, and each is answered by the version it was prepared for.</summary>
public sealed class CatalogueOverSilosTests
{
    private const string Id = ClusterFixture.ModelId, Second = "second";

    private static readonly FleetOptions Fleet = ClusterFixture.Patient with { Replicas = 2, StaleMs = 1_500, QuietMs = 500, RetryMs = 200 };

    /// <summary>One silo's catalogue, as its host would read it.</summary>
    private sealed class SiloCatalogue(ISchemaCompiler compiler, TimeSpan stepTime) : IReplicaFactory
    {
        private readonly EngineReplicas _replicas = new(Id, stepTime, TimeSpan.Zero, compiler);
        private ImmutableArray<(string Id, int Version)> _models = [(Id, 1)];

        /// <summary>Stands for what of an entry a replica depends on beside its weights.</summary>
        public int Settings { get; set; }

        public IReadOnlyList<string> Models => [.. _models.Select(model => model.Id)];

        public IReadOnlyList<ModelOffer> Offers => [.. _models.Select(model => new ModelOffer(model.Id, EngineReplicas.Served(model.Id, model.Version).Fingerprint, $"version {model.Version}, settings {Settings}"))];

        public void Replace(params (string, int)[] models) => _models = [.. models];

        public async Task<IReplica> OpenAsync(string replicaId, string modelId, string device, CancellationToken cancellationToken)
        {
            int version = _models.Single(model => model.Id == modelId).Version;
            await Task.Delay(200, cancellationToken);
            LocalReplica replica = _replicas.Open(replicaId, device, version);
            return modelId == Id ? replica : new LocalReplica(replicaId, modelId, device, replica.Engine, compiler);
        }
    }

    private sealed class ChangingCluster(ClusterFixture fixture, int devices) : IAsyncDisposable
    {
        public ClusterFixture Fixture => fixture;

        public ModelCatalogue Catalogue => fixture.Edge.GetRequiredService<ModelCatalogue>();

        public RollingCatalogue Rolling => fixture.Edge.GetRequiredService<RollingCatalogue>();

        public IEnumerable<IServiceProvider> ReplicaSilos => fixture.Cluster.Silos.Skip(1).Select(silo => silo.ServiceProvider);

        public static async Task<ChangingCluster> StartAsync(int devices, int stepMs)
        {
            var compiler = new LocalSchemaCompiler(new GrammarCache(new GrammarCacheOptions()));
            return new ChangingCluster(await ClusterFixture.StartAsync(3, Fleet, devices, configure: (silo, isEdge) =>
            {
                silo.Services.AddSingleton(new ModelCatalogue([EngineReplicas.Served(Id)]));
                silo.Services.AddSingleton<IModelCatalogue>(services => services.GetRequiredService<ModelCatalogue>());
                silo.Services.AddSingleton<ModelUse>();
                silo.Services.AddSingleton(services => new EdgeModels(services.GetRequiredService<IModelCatalogue>(), services.GetRequiredService<ModelUse>(), Fleet, TimeProvider.System));
                silo.Services.AddSingleton(services => new RollingCatalogue(services.GetRequiredService<ModelCatalogue>(), services.GetRequiredService<RoutedReplicaDirectory>(), TimeProvider.System));
                if (isEdge) return;
                silo.Services.AddSingleton(new SiloCatalogue(compiler, TimeSpan.FromMilliseconds(stepMs)));
                silo.Services.AddSingleton<IReplicaFactory>(services => services.GetRequiredService<SiloCatalogue>());
            }), devices);
        }

        /// <summary>The edge's file and the replica silos' files change, in this order or in the other.</summary>
        public async Task ReplaceAsync(bool isEdgeFirst, params (string Id, int Version)[] models)
        {
            if (isEdgeFirst) await Rolling.ReplaceAsync([.. models.Select(model => EngineReplicas.Served(model.Id, model.Version))]);
            foreach (IServiceProvider silo in ReplicaSilos)
            {
                if (isEdgeFirst) await Task.Delay(200); // Files reach machines one after the other.
                silo.GetRequiredService<SiloCatalogue>().Replace(models);
            }
            if (!isEdgeFirst) await Rolling.ReplaceAsync([.. models.Select(model => EngineReplicas.Served(model.Id, model.Version))]);
        }

        public RequestPipeline Pipeline() => new(
            Catalogue, new LocalSchemaCompiler(new GrammarCache(new GrammarCacheOptions())), new ReplicaRouter(fixture.Routes, new ReplicaBreakers(new BreakerOptions(), TimeProvider.System)),
            new DocumentCheck(new DocumentCheckOptions()), new ResumePacing(new ResumeOptions { SilenceMin = TimeSpan.FromSeconds(30), ReplicaWaitMax = TimeSpan.FromMinutes(3) }, TimeProvider.System),
            TimeProvider.System, new Nobody(), use: fixture.Edge.GetRequiredService<ModelUse>());

        public Task ReplicasAsync(string modelId, Func<IReadOnlyList<ReplicaSnapshot>, bool> until) => Eventually.HoldsAsync(
            () => until([.. fixture.Routes.ReplicasOf(modelId).Select(replica => replica.Snapshot)]), withinMs: 120_000, () => string.Join('\n', fixture.Routes.All.Select(replica => replica.Snapshot)));

        public async Task AssertNothingWasCutAsync()
        {
            Assert.Equal(0, fixture.DoubleOwners());
            Assert.All(ReplicaSilos, silo => Assert.Equal(0, silo.GetRequiredService<ReplicaHost>().CutStreams));
            await Eventually.HoldsAsync(() => ReplicaSilos.All(silo => silo.GetRequiredService<ReplicaHost>().Retiring == 0), withinMs: 60_000);
        }

        public int FreeDevices => ReplicaSilos.Sum(silo => silo.GetRequiredService<DevicePool>().FreeCount);

        public int Devices => 2 * devices;

        public async ValueTask DisposeAsync() => await fixture.DisposeAsync();
    }

    private sealed class Nobody : IResumeObserver
    {
        public void OnHandedOver(in HandOver handOver) { }

        public void OnRetryDelayed(TimeSpan delay) { }

        public void OnPoisonRefused(string requestId, int choice) { }
    }

    private static bool AllReady(IReadOnlyList<ReplicaSnapshot> replicas, int count, int version)
        => replicas.Count == count && replicas.All(replica => replica.Health == ReplicaHealth.Ready && replica.Fingerprint == EngineReplicas.Served(Id, version).Fingerprint);

    /// <summary>What undisturbed replicas of a version say.</summary>
    private sealed class Undisturbed : IAsyncDisposable
    {
        private readonly LocalCluster _local;
        private readonly RequestPipeline _pipeline;

        public Undisturbed(int version)
        {
            var compiler = new LocalSchemaCompiler(new GrammarCache(new GrammarCacheOptions()));
            _local = new LocalCluster([new EngineReplicas(Id, TimeSpan.Zero, TimeSpan.Zero, compiler).Open($"{Id}/0", "cpu", version)]);
            _pipeline = new RequestPipeline(
                new ModelCatalogue([EngineReplicas.Served(Id, version)]), compiler, new ReplicaRouter(_local, new ReplicaBreakers(new BreakerOptions(), TimeProvider.System)),
                new DocumentCheck(new DocumentCheckOptions()), new ResumePacing(new ResumeOptions { SilenceMin = TimeSpan.FromSeconds(30) }, TimeProvider.System), TimeProvider.System, new Nobody());
        }

        public async Task<string> SaysAsync(GenerationRequest request) => (await Requests.TextsAsync(_pipeline, request with { ModelId = Id }))[0];

        public ValueTask DisposeAsync() => _local.DisposeAsync();
    }

    private static GenerationRequest RequestOf(string id, ulong seed, int tokens) => Requests.Of(Id, id, seed, tokens);

    [Theory]
    [InlineData(2, true)]
    [InlineData(2, false)]
    [InlineData(1, true)] // No free device: one silo after the other.
    public async Task Replaced_UnderLoad_DropsNoRequest(int devices, bool isEdgeFirst)
    {
        await using Undisturbed first = new(version: 1), second = new(version: 2);
        await using var cluster = await ChangingCluster.StartAsync(devices, stepMs: 5);
        await cluster.ReplicasAsync(Id, replicas => AllReady(replicas, 2, version: 1));
        var pipeline = cluster.Pipeline();
        var texts = new ConcurrentQueue<(GenerationRequest Request, string Text)>();
        GenerationRequest longest = RequestOf("longest", 77, tokens: 1_200);
        Task<ImmutableArray<string>> running = Requests.TextsAsync(pipeline, longest);
        using var stop = new CancellationTokenSource();
        Task[] load = [.. Enumerable.Range(0, 6).Select(client => Task.Run(async () =>
        {
            for (int n = 0; !stop.IsCancellationRequested; n++)
            {
                GenerationRequest request = RequestOf($"r{client}-{n}", (ulong)((client * 1_000) + n), tokens: 30);
                texts.Enqueue((request, (await Requests.TextsAsync(pipeline, request))[0]));
            }
        }))];
        await Eventually.HoldsAsync(() => texts.Count >= 12 || load.Any(one => one.IsFaulted), withinMs: 60_000);

        await cluster.ReplaceAsync(isEdgeFirst, (Id, 2));

        await cluster.ReplicasAsync(Id, replicas => AllReady(replicas, 2, version: 2) || load.Any(one => one.IsFaulted));
        int seen = texts.Count;
        await Eventually.HoldsAsync(() => texts.Count >= seen + 12 || load.Any(one => one.IsFaulted), withinMs: 60_000);
        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.Equal(await first.SaysAsync(longest), (await running)[0]);

        // Each text is wholly that of one version, first only of the old one, at last only of the new one.
        (GenerationRequest Request, string Text)[] all = [.. texts];
        int[] versions = await Task.WhenAll(all.Select(async one => one.Text == await first.SaysAsync(one.Request) ? 1 : one.Text == await second.SaysAsync(one.Request) ? 2 : 0));
        Assert.DoesNotContain(0, versions);
        Assert.All(versions.Take(12), version => Assert.Equal(1, version));
        Assert.All(versions.TakeLast(6), version => Assert.Equal(2, version));
        await cluster.AssertNothingWasCutAsync();
    }

    [Fact]
    public async Task AddedAndRemoved_WhileRequestsRun_EndsThemFirst()
    {
        await using Undisturbed first = new(version: 1);
        await using var cluster = await ChangingCluster.StartAsync(devices: 2, stepMs: 5);
        await cluster.ReplicasAsync(Id, replicas => AllReady(replicas, 2, version: 1));
        var pipeline = cluster.Pipeline();

        await cluster.ReplaceAsync(isEdgeFirst: true, (Id, 1), (Second, 1));
        await cluster.ReplicasAsync(Second, replicas => replicas.Count(replica => replica.Health == ReplicaHealth.Ready) == 2);
        GenerationRequest request = RequestOf("long", 5, tokens: 1_200) with { ModelId = Second };
        Task<ImmutableArray<string>> running = await Requests.BeginAsync(pipeline, request);

        await cluster.ReplaceAsync(isEdgeFirst: false, (Id, 1));
        Assert.Equal(GenerationRejectionKind.ModelNotFound, (await pipeline.PrepareAsync(request, CancellationToken.None)).Rejection?.Kind);
        Assert.Equal(await first.SaysAsync(request), (await running)[0]);
        await cluster.ReplicasAsync(Second, replicas => replicas.Count == 0);
        await Eventually.HoldsAsync(() => cluster.FreeDevices == cluster.Devices - 2, withinMs: 60_000);
        await cluster.ReplicasAsync(Id, replicas => AllReady(replicas, 2, version: 1));
        await cluster.AssertNothingWasCutAsync();
    }

    [Fact]
    public async Task Replaced_BySettingsAlone_MovesItsStreams()
    {
        await using Undisturbed first = new(version: 1);
        await using var cluster = await ChangingCluster.StartAsync(devices: 2, stepMs: 5);
        await cluster.ReplicasAsync(Id, replicas => AllReady(replicas, 2, version: 1));
        string[] before = [.. cluster.Fixture.Routes.All.Select(replica => replica.Id)];
        GenerationRequest request = RequestOf("long", 5, tokens: 1_200);
        Task<ImmutableArray<string>> running = await Requests.BeginAsync(cluster.Pipeline(), request);

        foreach (IServiceProvider silo in cluster.ReplicaSilos) silo.GetRequiredService<SiloCatalogue>().Settings = 1;

        await cluster.ReplicasAsync(Id, replicas => AllReady(replicas, 2, version: 1) && replicas.All(replica => replica.Version == "version 1, settings 1"));
        Assert.Empty(before.Intersect(cluster.Fixture.Routes.All.Select(replica => replica.Id)));
        Assert.Equal(await first.SaysAsync(request), (await running)[0]);
        await cluster.AssertNothingWasCutAsync();
    }
}
