using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Host.Telemetry;
using Cluster.Serving;

namespace Cluster.Host.Tests.Telemetry;

public class SchemaSeriesTests
{
    private static GrammarSpec Spec(int n) => new(GrammarKind.JsonSchema, $$"""{"type":"integer","minimum":{{n}}}""", new GrammarOptions());

    private static void Use(SchemaStatistics statistics, int n, int times = 1)
    {
        CompileResult result = GrammarCompiler.Compile(Spec(n));
        for (int i = 0; i < times; i++) statistics.Compiled(Spec(n), result);
    }

    private static string Text(SchemaSeries series)
    {
        (IReadOnlyList<(string Hash, SchemaCounts Counts)> shown, SchemaCounts? others) = series.Read();
        return string.Join(' ', shown.Select(one => $"{Enumerable.Range(0, 10).First(n => Spec(n).Hash == one.Hash)}:{one.Counts.Lookups}").Append($"other:{others?.Lookups}"));
    }

    [Fact]
    public void Read_AsOthersAreUsedMore_CountsEachUseOnce_AndNothingGoesDown()
    {
        var statistics = new SchemaStatistics(new SchemaStatisticsOptions { SchemasMax = 4, SchemasShown = 2 });
        var series = new SchemaSeries(statistics);
        Use(statistics, 0, 3);
        Use(statistics, 1);
        Assert.Equal("0:3 1:1 other:", Text(series));
        Use(statistics, 2);
        Assert.Equal("0:3 1:1 other:1", Text(series));
        // What 2 was used for before stays with the others; 1 is one of them from now on.
        Use(statistics, 2, 4);
        Assert.Equal("2:4 0:3 other:1", Text(series));
        Use(statistics, 1, 1);
        Assert.Equal("2:4 0:3 other:2", Text(series));
        // Forgotten ones count on among the others.
        for (int n = 3; n < 10; n++) Use(statistics, n);
        Assert.EndsWith("other:7", Text(series), StringComparison.Ordinal);
        // A schema that was forgotten begins anew.
        Use(statistics, 2, 6);
        Assert.StartsWith("2:6 ", Text(series), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void Read_PastSchemasShown_SumsUpTheOthers(int schemas, bool hasOthers)
    {
        var statistics = new SchemaStatistics(new SchemaStatisticsOptions { SchemasShown = 2 });
        for (int n = 0; n < schemas; n++) Use(statistics, n);
        (IReadOnlyList<(string Hash, SchemaCounts Counts)> shown, SchemaCounts? others) = new SchemaSeries(statistics).Read();
        Assert.Equal((2, hasOthers), (shown.Count, others is not null));
    }

    [Fact]
    public void Exposition_AfterManySchemas_HasNoSeriesOfThoseThatAreNotShown()
    {
        var statistics = new SchemaStatistics(new SchemaStatisticsOptions { SchemasMax = 8, SchemasShown = 2 });
        var series = new SchemaSeries(statistics);
        using var store = new MetricStore(new TelemetryOptions());
        using var meter = new System.Diagnostics.Metrics.Meter("Cluster.SchemaSeries");
        meter.CreateObservableCounter("series.lookups", () => series.Read().Shown.Select(one => new System.Diagnostics.Metrics.Measurement<long>(one.Counts.Lookups, new KeyValuePair<string, object?>("schema", one.Hash))));
        for (int n = 0; n < 10; n++)
        {
            Use(statistics, n, n + 1);
            Assert.True(store.Collect().Single(family => family.Name == "series_lookups_total").All.Count() <= 2);
        }
    }

    [Fact]
    public void Read_SumsAllThatSequencesCost()
    {
        var statistics = new SchemaStatistics(new SchemaStatisticsOptions { SchemasShown = 0 });
        Use(statistics, 1);
        statistics.Ended(Spec(1), new SequenceDelta
        {
            RequestId = "r", Position = 8, Tokens = [1, 2], Finish = FinishReason.ForceClosed,
            Work = new SequenceWork(TimeSpan.Zero, TimeSpan.Zero, 5, TimeSpan.FromMilliseconds(2), 3, 0, 0, [0, 1, 2, 2, 0, 0, 0, 0]),
        });
        statistics.Constrained(Spec(1), null, new ConstraintWork(0, TimeSpan.Zero, 4, 1.5, 0.9));
        (_, SchemaCounts? others) = new SchemaSeries(statistics).Read();
        Assert.Equal(new SchemaCounts(1, 1, 1, 1, 10, 3, 5, TimeSpan.FromMilliseconds(2), 4, 1.5), others);
    }
}
