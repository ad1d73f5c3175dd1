using System.Collections.Immutable;
using Cluster.Decoding;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Cluster.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Grains.Tests;

public sealed class ModelReplicaGrainTests
{
    private static readonly FleetOptions Fleet = ClusterFixture.Patient with { DrainMs = 300 };

    [Fact]
    public async Task Replica_OnAnotherSilo_StreamsWhatALocalOneStreams()
    {
        await using var fixture = await ClusterFixture.StartAsync(2, Fleet);
        var remote = (await fixture.ReplicasAsync(r => r.Any(x => x.Snapshot.Health == ReplicaHealth.Ready)))[0];
        var local = new ScriptedReplica("local", ClusterFixture.ModelId, TimeSpan.Zero);

        var journal = ClusterFixture.Journal("r", seed: 7, tokens: 500);
        var expected = await local.GenerateAsync(journal, CancellationToken.None).ToListAsync();
        var actual = await remote.GenerateAsync(journal, CancellationToken.None).ToListAsync();

        Assert.Equal(Tokens(expected), Tokens(actual));
        Assert.Equal(FinishReason.Length, actual[^1].Finish);
        Assert.Equal(Enumerable.Range(0, 501), actual.Select(delta => delta.Position));
        Assert.NotEqual(fixture.Cluster.Silos[0].SiloAddress.ToParsableString(), remote.Snapshot.Silo);
    }

    [Fact]
    public async Task Replica_ManyStreamsAtOnce_EachIsWhole()
    {
        await using var fixture = await ClusterFixture.StartAsync(2, Fleet);
        var remote = (await fixture.ReplicasAsync(r => r.Any(x => x.Snapshot.Health == ReplicaHealth.Ready)))[0];

        var streams = await Task.WhenAll(Enumerable.Range(0, 64).Select(async n =>
        {
            var journal = ClusterFixture.Journal($"r{n}", seed: (ulong)n, tokens: 200);
            return (Journal: journal, Deltas: await remote.GenerateAsync(journal, CancellationToken.None).ToListAsync());
        }));

        Assert.All(streams, stream => Assert.Equal(
            Enumerable.Range(0, 200).Select(position => ScriptedReplica.TokenAt(stream.Journal, position)), Tokens(stream.Deltas)));
    }

    [Fact]
    public async Task Replica_CallerGoesAway_EndsTheStreamOnTheOtherSilo()
    {
        await using var fixture = await ClusterFixture.StartAsync(2, Fleet, stepMs: 5);
        var remote = (await fixture.ReplicasAsync(r => r.Any(x => x.Snapshot.Health == ReplicaHealth.Ready)))[0];
        var host = (ReplicaHost)fixture.Cluster.Silos[1].ServiceProvider.GetService(typeof(ReplicaHost))!;

        using var leaving = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var delta in remote.GenerateAsync(ClusterFixture.Journal("r", 1, 100_000), leaving.Token))
                if (delta.Position == 10) leaving.Cancel();
        });

        await Eventually.HoldsAsync(() => host.RunningStreams == 0, withinMs: 30_000);
    }

    [Fact]
    public async Task Replica_CalledBeforeItsPlannerStartsIt_IsNotActivatedAnywhere()
    {
        await using var fixture = await ClusterFixture.StartAsync(3, Fleet);
        var grains = fixture.Edge.GetRequiredService<IGrainFactory>();
        IModelReplicaGrain[] unknown = [.. Enumerable.Range(7, 2).Select(n => grains.GetGrain<IModelReplicaGrain>($"{ClusterFixture.ModelId}/{n}"))];
        foreach (var replica in unknown)
        {
            await Assert.ThrowsAnyAsync<Exception>(replica.GetSnapshotAsync);
            Assert.Null(await grains.GetGrain<IManagementGrain>(0).GetActivationAddress(replica));
        }
    }

    [Fact]
    public async Task Journal_AllParts_CrossASiloUnchanged()
    {
        await using var fixture = await ClusterFixture.StartAsync(2, Fleet);
        var serializer = (Orleans.Serialization.Serializer)fixture.Edge.GetService(typeof(Orleans.Serialization.Serializer))!;
        var journal = new SequenceJournal
        {
            RequestId = "r", Choice = 2, Attempt = 3, PromptTokens = [5, 6], EmittedTokens = [7], TokensMax = 9, Fingerprint = "f",
            GrammarBestEffort = true, Grammar = new(Grammar.GrammarKind.JsonSchema, "{}", new() { DepthMax = 7, Whitespace = Grammar.Whitespace.Bounded }),
            Sampling = new SamplingOptions { Temperature = .5f, Seed = ulong.MaxValue, TopLogprobs = 3, LogitBias = [KeyValuePair.Create(4, -1.5f)] },
        };
        var delta = new SequenceDelta
        {
            RequestId = "r", Choice = 1, Attempt = 4, Position = 8, Tokens = [1, 2], Finish = FinishReason.Failed, CachedPromptTokens = 6,
            Error = new SequenceError(SequenceErrorKind.Draining, "bye"), Logprobs = [new TokenLogprob(1, -.5f, [KeyValuePair.Create(2, -.7f)])],
        };

        var journalBack = serializer.Deserialize<SequenceJournal>(serializer.SerializeToArray(journal));
        var deltaBack = serializer.Deserialize<SequenceDelta>(serializer.SerializeToArray(delta));

        Assert.Equivalent(journal, journalBack, strict: true);
        Assert.Equivalent(delta, deltaBack, strict: true);
    }

    private static ImmutableArray<int> Tokens(IEnumerable<SequenceDelta> deltas) => [.. deltas.SelectMany(delta => delta.Tokens)];
}
