using Cluster.Decoding;
using Cluster.Grammar;

namespace Cluster.Serving.Tests;

public class SchemaStatisticsTests
{
    private static GrammarSpec Spec(int n) => new(GrammarKind.JsonSchema, $$"""{"type":"integer","minimum":{{n}}}""", new GrammarOptions());

    private static void Use(SchemaStatistics statistics, int n) => statistics.Compiled(Spec(n), GrammarCompiler.Compile(Spec(n), bestEffort: false));

    private static SequenceDelta Last(FinishReason finish) => new()
    {
        RequestId = "r", Position = 8, Tokens = [1, 2], Finish = finish,
        Work = new SequenceWork(TimeSpan.Zero, TimeSpan.Zero, 5, TimeSpan.FromMilliseconds(2), 3, 0, 0, [0, 1, 2, 2, 0, 0, 0, 0]),
    };

    [Fact]
    public void Ended_IsSummedUpBySchema()
    {
        var statistics = new SchemaStatistics(new SchemaStatisticsOptions());
        Use(statistics, 1);
        statistics.Ended(Spec(1), Last(FinishReason.Stop));
        statistics.Ended(Spec(1), Last(FinishReason.ForceClosed));
        SchemaUse use = Assert.Single(statistics.Snapshot());
        Assert.Equal((2, 1, 20, 6, 10, 4.0), (use.Sequences, use.ForceClosed, use.Tokens, use.ForcedTokens, use.Masks, use.MaskTime.TotalMilliseconds));
        Assert.Equal([0, 2, 4, 4, 0, 0, 0, 0], use.MaskBuckets);
        Assert.True(use.Fuel > 0);
    }

    [Fact]
    public void Compiled_TellsACompileFromAHit()
    {
        var statistics = new SchemaStatistics(new SchemaStatisticsOptions());
        CompileResult first = GrammarCompiler.Compile(Spec(1), bestEffort: false);
        for (int n = 0; n < 3; n++) statistics.Compiled(Spec(1), first);
        statistics.Compiled(Spec(1), GrammarCompiler.Compile(Spec(1), bestEffort: false)); // It had fallen out of the cache.
        SchemaUse use = Assert.Single(statistics.Snapshot());
        Assert.Equal((4, 2), (use.Lookups, use.Compiles));
        GC.KeepAlive(first);
    }

    [Fact]
    public void Constrained_KeepsTheLastName_SumsPressure_AndForgetsWhatIsNotRemembered()
    {
        var statistics = new SchemaStatistics(new SchemaStatisticsOptions());
        Use(statistics, 1);
        statistics.Constrained(Spec(1), "person", new ConstraintWork(0, TimeSpan.Zero, 4, 1.5, 0.9));
        statistics.Constrained(Spec(1), null, new ConstraintWork(0, TimeSpan.Zero, 6, 0.5, 0.2));
        statistics.Constrained(Spec(2), "unknown", new ConstraintWork(0, TimeSpan.Zero, 1, 1, 1));
        SchemaUse use = Assert.Single(statistics.Snapshot());
        Assert.Equal(("person", 10, 2.0), (use.Name, use.Choices, use.PressureSum));
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    public void Compiled_PastSchemasMax_ForgetsTheLongestUnused(int schemas, int kept)
    {
        var statistics = new SchemaStatistics(new SchemaStatisticsOptions { SchemasMax = 3 });
        for (int n = 0; n < 3; n++) Use(statistics, n);
        Use(statistics, 0);
        for (int n = 3; n < schemas; n++) Use(statistics, n);
        IReadOnlyList<SchemaUse> snapshot = statistics.Snapshot();
        Assert.Equal(kept, snapshot.Count);
        Assert.Equal(2, snapshot[0].Lookups);
    }

    [Fact]
    public void Refused_PastKeywordsMax_AreOthers()
    {
        var statistics = new SchemaStatistics(new SchemaStatisticsOptions { KeywordsMax = 2 });
        foreach (string keyword in new[] { "a", "b", "a", "c", "d", "" })
            statistics.Compiled(Spec(1), new CompileResult(null, [new SchemaRejection(SchemaRejectionKind.UnsupportedKeyword, "", keyword, "no")]));
        Assert.Equal([("a", 2L), ("b", 1L), ("none", 1L), ("other", 2L)], statistics.Refusals().OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value)));
    }

    [Fact]
    public void Compiled_DoesNotKeepTheGrammar_AndStillKnowsWhatItCost()
    {
        var statistics = new SchemaStatistics(new SchemaStatisticsOptions());
        WeakReference grammar = CompileAndForget(statistics);
        for (int i = 0; i < 20 && grammar.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(grammar.IsAlive);
        SchemaUse use = Assert.Single(statistics.Snapshot());
        Assert.Null(use.Grammar);
        Assert.Equal(Spec(1).Hash, use.Hash);
        Assert.True(use.Fuel > 0 && use.States > 0 && use.Bytes > 0);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference CompileAndForget(SchemaStatistics statistics)
    {
        CompileResult result = GrammarCompiler.Compile(Spec(1), bestEffort: false);
        statistics.Compiled(Spec(1), result);
        Assert.Same(result.Grammar, Assert.Single(statistics.Snapshot()).Grammar);
        return new WeakReference(result.Grammar);
    }

    [Fact]
    public void ModelUse_AVersionWithoutRequests_LeavesNothing()
    {
        var use = new ModelUse();
        for (int version = 0; version < 3; version++)
        {
            ModelUse.Request first = use.Begin("m", $"version {version}"), second = use.Begin("m", $"version {version}");
            first.Dispose();
            Assert.Equal((1, 1), (use.CountOf("m", $"version {version}"), use.Versions));
            second.Dispose();
            Assert.Equal((0, 0), (use.CountOf("m", $"version {version}"), use.Versions));
        }
    }
}
