using System.ComponentModel.DataAnnotations;

namespace Cluster.Host.Telemetry;

/// <summary>How a line of the log is written.</summary>
public enum LogFormat
{
    /// <summary>For people: time, level, category, message.</summary>
    Text,

    /// <summary>For collectors: one JSON object a line, with each value of the message by its name, times in UTC.</summary>
    Json,
}

/// <summary>What is measured and where it goes: the section <c>Telemetry</c>.</summary>
public sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>How a line of the log is written: Text or Json.</summary>
    /// <remarks>Json where a collector reads the log.</remarks>
    public LogFormat LogFormat { get; set; } = LogFormat.Text;

    /// <summary>OTLP endpoint for metrics and traces, for example <c>http://collector:4317</c>; empty sends nothing.</summary>
    [RegularExpression("^(https?://.+)?$", ErrorMessage = "must be an http or https address such as http://collector:4317")]
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>Share of the requests that are traced.</summary>
    /// <remarks>Lower it where the collector is small; a request that its caller already traces is always traced.</remarks>
    [Range(0.0, 1.0)]
    public double TraceShare { get; set; } = 0.1;

    /// <summary>How often metrics are sent over OTLP.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan OtlpInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Time series of one instrument on <c>/metrics</c>; further combinations of labels are counted in <c>cluster_metrics_series_dropped_total</c>.</summary>
    [Range(1, 1_000_000)]
    public int SeriesMax { get; set; } = 2000;
}
