using System.Diagnostics.Metrics;
using Cluster.Host.Telemetry;

namespace Cluster.Host.Tests.Telemetry;

public class MetricStoreTests
{
    private static string Lines(MetricStore store, string name)
        => string.Join('\n', PrometheusText.Write(store.Collect()).Split('\n').Where(line => line.Contains(name, StringComparison.Ordinal)));

    [Fact]
    public void Write_EachKind_IsPrometheusText()
    {
        using var store = new MetricStore(new TelemetryOptions());
        using var meter = new Meter("Cluster.Kinds", null, [new("model", "m")]);
        Counter<long> counter = meter.CreateCounter<long>("kinds.things", "{thing}", "Things\nof all kinds");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a\"b\\c\nd"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a\"b\\c\nd"));
        Histogram<double> histogram = meter.CreateHistogram("kinds.wait", "s", "Waiting", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2] });
        foreach (double seconds in new[] { 0.5, 1, 1.5, 9 }) histogram.Record(seconds);
        meter.CreateObservableGauge("kinds.size", () => 7L, "By", "Size");

        Assert.Equal("""
            # HELP kinds_things_total Things\nof all kinds
            # TYPE kinds_things_total counter
            kinds_things_total{model_name="m",kind="a\"b\\c\nd"} 5
            """, Lines(store, "kinds_things"));
        Assert.Equal("""
            # HELP kinds_wait_seconds Waiting
            # TYPE kinds_wait_seconds histogram
            kinds_wait_seconds_bucket{model_name="m",le="1"} 2
            kinds_wait_seconds_bucket{model_name="m",le="2"} 3
            kinds_wait_seconds_bucket{model_name="m",le="+Inf"} 4
            kinds_wait_seconds_sum{model_name="m"} 12
            kinds_wait_seconds_count{model_name="m"} 4
            """, Lines(store, "kinds_wait"));
        Assert.Contains("kinds_size_bytes{model_name=\"m\"} 7", Lines(store, "kinds_size"), StringComparison.Ordinal);
    }

    [Fact]
    public void Take_PastSeriesMax_IsCountedAndNotKept()
    {
        using var store = new MetricStore(new TelemetryOptions { SeriesMax = 3 });
        using var meter = new Meter("Cluster.Bound");
        Counter<long> counter = meter.CreateCounter<long>("bound.hits");
        for (int i = 0; i < 3; i++) counter.Add(1, new KeyValuePair<string, object?>("n", i));
        Assert.Equal(0, store.Dropped);
        counter.Add(1, new KeyValuePair<string, object?>("n", 3));
        counter.Add(1, new KeyValuePair<string, object?>("n", 0));
        Assert.Equal(1, store.Dropped);
        Assert.DoesNotContain("n=\"3\"", Lines(store, "bound_hits"), StringComparison.Ordinal);
        Assert.Contains("bound_hits_total{n=\"0\"} 2", Lines(store, "bound_hits"), StringComparison.Ordinal);
    }

    [Fact]
    public void Meter_Disposed_TakesItsGaugesAlongAndLeavesItsCounters()
    {
        using var store = new MetricStore(new TelemetryOptions());
        var meter = new Meter("Cluster.Gone", null, [new("engine", "m/0")]);
        meter.CreateObservableGauge("gone.running", () => 1);
        meter.CreateCounter<long>("gone.tokens").Add(4);
        Assert.Contains("gone_running{engine=\"m/0\"} 1", Lines(store, "gone_"), StringComparison.Ordinal);
        meter.Dispose();
        Assert.DoesNotContain("gone_running{", Lines(store, "gone_"), StringComparison.Ordinal);
        Assert.Contains("gone_tokens_total{engine=\"m/0\"} 4", Lines(store, "gone_"), StringComparison.Ordinal);
    }

    [Fact]
    public void Meter_OfOthers_IsNotExported()
    {
        using var store = new MetricStore(new TelemetryOptions());
        using var meter = new Meter("Somebody.Else");
        meter.CreateCounter<long>("else.hits").Add(1);
        Assert.Equal("", Lines(store, "else_hits"));
    }
}
