using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Cluster.Host.Telemetry;

/// <summary>
/// Everything that this project's instruments have measured since the start, ready to be written. It listens to every meter whose name begins with
/// <c>Cluster.</c>, so that a new instrument is exported without a line here.
/// </summary>
/// <remarks>Rejected: OpenTelemetry's Prometheus exporter, which cannot write a name with a colon.</remarks>
public sealed class MetricStore : IDisposable
{
    private const string MeterPrefix = "Cluster.";

    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly int _seriesMax;
    private readonly Lock _collecting = new();
    private long _round;
    private long _dropped;

    public MetricStore(TelemetryOptions options)
    {
        _seriesMax = options.SeriesMax;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!instrument.Meter.Name.StartsWith(MeterPrefix, StringComparison.Ordinal)) return;
            MetricFamily family = MetricFamily.Of(instrument, _seriesMax);
            listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(family.Name, family));
        };
        _listener.MeasurementsCompleted = (instrument, state) =>
        {
            if (state is MetricFamily { Type: MetricType.Gauge } family) family.Forget(LabelsOf(instrument, []));
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, state) => Take(instrument, value, tags, state));
        _listener.SetMeasurementEventCallback<float>((instrument, value, tags, state) => Take(instrument, value, tags, state));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, state) => Take(instrument, value, tags, state));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, state) => Take(instrument, value, tags, state));
        _listener.Start();
    }

    /// <summary>Combinations of labels that were not kept, since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Asks the instruments that tell when asked, and gives all families by name.</summary>
    /// <remarks>A combination of labels that they no longer tell (a model that was removed, a schema that others are used more than) goes.</remarks>
    internal IReadOnlyList<MetricFamily> Collect()
    {
        lock (_collecting)
        {
            long round = Interlocked.Increment(ref _round);
            _listener.RecordObservableInstruments();
            foreach (MetricFamily family in _families.Values) family.ForgetBefore(round);
            return [.. _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal)];
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var family = (MetricFamily)state!;
        if (family.Find(LabelsOf(instrument, tags)) is not { } series) Interlocked.Increment(ref _dropped);
        else if (family.Type == MetricType.Histogram) series.Record(value);
        else if (instrument.IsObservable || family.Type == MetricType.Gauge) series.Set(value, instrument.IsObservable ? Interlocked.Read(ref _round) : Series.Always);
        else series.Add(value);
    }

    private static string LabelsOf(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (KeyValuePair<string, object?> tag in instrument.Meter.Tags ?? []) Append(text, tag);
        foreach (KeyValuePair<string, object?> tag in tags) Append(text, tag);
        return text.ToString();
    }

    private static void Append(StringBuilder text, KeyValuePair<string, object?> tag)
    {
        if (text.Length > 0) text.Append(',');
        text.Append(MetricNames.LabelOf(tag.Key)).Append("=\"");
        foreach (char character in Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "")
        {
            _ = character switch { '\\' => text.Append("\\\\"), '"' => text.Append("\\\""), '\n' => text.Append("\\n"), _ => text.Append(character) };
        }
        text.Append('"');
    }
}
