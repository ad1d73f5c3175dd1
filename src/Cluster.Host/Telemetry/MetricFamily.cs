using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Cluster.Host.Telemetry;

internal enum MetricType { Counter, Gauge, Histogram }

/// <summary>All time series of one exported name. Instruments of several meters (one for each engine) share it.</summary>
internal sealed class MetricFamily(string name, string help, MetricType type, double[]? bounds, int seriesMax)
{
    private readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);

    public string Name { get; } = name;

    public string Help { get; } = help;

    public MetricType Type { get; } = type;

    public IEnumerable<Series> All => _series.Values;

    /// <summary>The series of these labels; null past the bound.</summary>
    public Series? Find(string labels)
    {
        if (_series.TryGetValue(labels, out Series? known)) return known;
        return _series.Count >= seriesMax ? null : _series.GetOrAdd(labels, static (key, bounds) => new Series(key, bounds), bounds);
    }

    /// <summary>A meter is gone, with it what only it can tell: its gauges.</summary>
    public void Forget(string labels) => _series.TryRemove(labels, out _);

    /// <summary>Forgets what was not told in the given round of collecting.</summary>
    public void ForgetBefore(long round)
    {
        foreach (Series series in _series.Values.Where(series => series.Round < round)) _series.TryRemove(series.Labels, out _);
    }

    /// <summary>What an instrument is exported as.</summary>
    public static MetricFamily Of(Instrument instrument, int seriesMax)
    {
        Type kind = instrument.GetType().GetGenericTypeDefinition();
        MetricType type = kind == typeof(Histogram<>) ? MetricType.Histogram
            : kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>) ? MetricType.Counter : MetricType.Gauge;
        double[]? bounds = type == MetricType.Histogram ? BoundsOf(instrument) : null;
        string help = instrument.Description is { Length: > 0 } description ? description : instrument.Name;
        return new MetricFamily(MetricNames.Of(instrument.Name, instrument.Unit, type), help, type, bounds, seriesMax);
    }

    private static double[] BoundsOf(Instrument instrument)
    {
        if (instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { Count: > 0 } advised }) return [.. advised];
        if (instrument is Histogram<long> { Advice.HistogramBucketBoundaries: { Count: > 0 } counts }) return [.. counts.Select(count => (double)count)];
        return instrument.Unit == "s"
            ? [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300]
            : [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576];
    }
}
