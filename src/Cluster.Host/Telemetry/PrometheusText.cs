using System.Globalization;
using System.Text;

namespace Cluster.Host.Telemetry;

/// <summary>Writes families in Prometheus' text format, version 0.0.4.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <remarks>A family without a measurement is named too, so that one can see what there is to watch.</remarks>
    public static string Write(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder(16 << 10);
        foreach (MetricFamily family in families)
        {
            Series[] all = [.. family.All.OrderBy(series => series.Labels, StringComparer.Ordinal)];
            text.Append("# HELP ").Append(family.Name).Append(' ').Append(family.Help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
            text.Append("# TYPE ").Append(family.Name).Append(' ').Append(family.Type.ToString().ToLowerInvariant()).Append('\n');
            foreach (Series series in all) Write(text, family.Name, series);
        }
        return text.ToString();
    }

    private static void Write(StringBuilder text, string name, Series series)
    {
        (double value, long[]? buckets) = series.Read();
        if (buckets is null)
        {
            Sample(text, name, series.Labels, value);
            return;
        }
        string comma = series.Labels.Length > 0 ? "," : "";
        long count = 0;
        for (int i = 0; i < buckets.Length; i++)
        {
            count += buckets[i];
            string bound = i < series.Bounds!.Length ? series.Bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
            Sample(text, $"{name}_bucket", $"{series.Labels}{comma}le=\"{bound}\"", count);
        }
        Sample(text, $"{name}_sum", series.Labels, value);
        Sample(text, $"{name}_count", series.Labels, count);
    }

    private static void Sample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf").Append('\n');
    }
}
