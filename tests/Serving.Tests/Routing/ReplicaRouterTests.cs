using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Serving.Local;
using Cluster.Serving.Routing;

namespace Cluster.Serving.Tests.Routing;

public class ReplicaRouterTests
{
    private static readonly HashSet<string> None = [];

    private sealed class Loaded(string id) : IReplica
    {
        public long Outstanding { get; set; }

        public string Id => id;

        public string ModelId => "m";

        public ReplicaSnapshot Snapshot => new() { Id = id, ModelId = "m", Health = ReplicaHealth.Ready, OutstandingTokens = Outstanding };

        public IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private static (ReplicaRouter Router, Loaded[] Replicas) New(int replicas, PrefixAffinity? affinity = null)
    {
        Loaded[] all = [.. Enumerable.Range(0, replicas).Select(n => new Loaded($"m/{n}"))];
        return (new ReplicaRouter(new LocalCluster(all), new ReplicaBreakers(new BreakerOptions(), TimeProvider.System), affinity), all);
    }

    private static SequenceJournal Journal(string id, GrammarSpec? grammar = null, int[]? prompt = null)
        => new() { RequestId = id, PromptTokens = [.. prompt ?? [1]], Sampling = new SamplingOptions(), TokensMax = 10, Grammar = grammar };

    [Fact]
    public void Pick_ManyRequests_SpreadsOverAllAndNeverTakesTheBusierOfTwo()
    {
        var (router, replicas) = New(4);
        replicas[3].Outstanding = 1_000;
        var picks = Enumerable.Range(0, 1_000).Select(n => router.Pick("m", Journal($"r{n}"), None)!.Id).CountBy(id => id).ToDictionary();
        Assert.Equal(["m/0", "m/1", "m/2"], picks.Keys.Order());
        Assert.All(picks.Values, count => Assert.InRange(count, 200, 500));
    }

    [Fact]
    public void Pick_TwoChoices_KeepsTheFullestCloseToTheMean()
    {
        var (router, replicas) = New(10);
        for (int n = 0; n < 2_000; n++) ((Loaded)router.Pick("m", Journal($"r{n}"), None)!).Outstanding++;
        Assert.InRange(replicas.Max(replica => replica.Outstanding), 200, 206);
    }

    [Fact]
    public void Pick_EqualLoads_KeepsASchemaOnAsFewReplicasAsTwoChoicesAllow()
    {
        var (router, _) = New(2);
        var grammar = new GrammarSpec(GrammarKind.JsonSchema, """{"type":"object"}""", new GrammarOptions());
        Assert.Single(Enumerable.Range(0, 50).Select(n => router.Pick("m", Journal($"r{n}", grammar), None)!.Id).Distinct());
        Assert.Equal(2, Enumerable.Range(0, 50).Select(n => router.Pick("m", Journal($"r{n}"), None)!.Id).Distinct().Count());
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void Pick_KnownPrompt_IsWorthSoMuchLongerAQueueAndNoMore(long outstanding, bool isAffine)
    {
        // 64 tokens are known there, each worth two outstanding ones.
        var (router, replicas) = New(2, new PrefixAffinity(new AffinityOptions { BlockTokens = 32, TokensPerSharedToken = 2 }));
        int[] prompt = [.. Enumerable.Range(0, 70)];
        var first = (Loaded)router.Pick("m", Journal("first", prompt: prompt), None)!;
        first.Outstanding = outstanding;
        var second = router.Pick("m", Journal("second", prompt: prompt), None)!;
        Assert.Equal(isAffine, second == first);
        Assert.Equal(2, replicas.Length);
    }

    [Fact]
    public void Pick_KnownPromptOnAReplicaThatFailed_GoesElsewhere()
    {
        var (router, _) = New(2, new PrefixAffinity(new AffinityOptions()));
        int[] prompt = [.. Enumerable.Range(0, 200)];
        string first = router.Pick("m", Journal("first", prompt: prompt), None)!.Id;
        Assert.NotEqual(first, router.Pick("m", Journal("first", prompt: prompt) with { Attempt = 1 }, new HashSet<string> { first })!.Id);
    }
}
