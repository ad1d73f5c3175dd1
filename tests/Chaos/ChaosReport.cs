using System.Text.Json;
using Cluster.Serving.Fleet;

namespace Cluster.Chaos;

/// <summary>The run in one JSON line.</summary>
public static class ChaosReport
{
    public static string Of(IReadOnlyCollection<IStreamOutcome> streams, IReadOnlyList<FaultRecord> faults, Comparison comparison, string lockFolder)
    {
        var continued = streams.Where(stream => stream.IsContinued).ToList();
        return JsonSerializer.Serialize(new
        {
            kills = faults.Count(fault => fault.Kind == "kill"),
            terms = faults.Count(fault => fault.Kind == "term"),
            stops = faults.Count(fault => fault.Kind == "stop"),
            streams = streams.Count,
            complete = streams.Count(stream => stream.IsComplete),
            continued = continued.Count,
            equal = comparison.Equal,
            explained = comparison.Explained,
            margin_max = comparison.MarginMax,
            duplicated = streams.Sum(stream => stream.Duplicated),
            missing = streams.Sum(stream => stream.Missing),
            invalid = streams.Sum(stream => stream.Invalid),
            double_owners = DoubleOwners(lockFolder),
            gap_ms_p50_kill = Gap(continued, faults, "kill", 0.5),
            gap_ms_p99_kill = Gap(continued, faults, "kill", 0.99),
            gap_ms_p99_term = Gap(continued, faults, "term", 0.99),
            gap_ms_p50_term = Gap(continued, faults, "term", 0.5),
            gap_ms_p99_stop = Gap(continued, faults, "stop", 0.99),
            detect_ms_p50_kill = Detection(continued, faults, "kill", 0.5),
            detect_ms_p99_kill = Detection(continued, faults, "kill", 0.99),
            gaps_kill = Count(continued, faults, "kill"),
            gaps_term = Count(continued, faults, "term"),
            gaps_stop = Count(continued, faults, "stop"),
        });
    }

    /// <summary>Quantile of what clients waited at hand-overs that the last fault before them explains.</summary>
    private static double? Gap(IReadOnlyList<IStreamOutcome> continued, IReadOnlyList<FaultRecord> faults, string kind, double quantile)
    {
        var gaps = GapsOf(continued, faults, kind).Order().ToList();
        return gaps.Count == 0 ? null : Math.Round(gaps[Math.Min(gaps.Count - 1, (int)(quantile * gaps.Count))], 1);
    }

    /// <summary>Quantile of the time from a fault to the hand-overs that it explains.</summary>
    private static double? Detection(IReadOnlyList<IStreamOutcome> continued, IReadOnlyList<FaultRecord> faults, string kind, double quantile)
    {
        var times = (from gap in continued.SelectMany(stream => stream.Gaps())
                     let fault = faults.LastOrDefault(fault => fault.From <= gap.At)
                     where fault?.Kind == kind
                     let ms = System.Diagnostics.Stopwatch.GetElapsedTime(fault.From, gap.At).TotalMilliseconds
                     orderby ms
                     select ms).ToList();
        return times.Count == 0 ? null : Math.Round(times[Math.Min(times.Count - 1, (int)(quantile * times.Count))], 1);
    }

    private static int Count(IReadOnlyList<IStreamOutcome> continued, IReadOnlyList<FaultRecord> faults, string kind) => GapsOf(continued, faults, kind).Count();

    private static IEnumerable<double> GapsOf(IReadOnlyList<IStreamOutcome> continued, IReadOnlyList<FaultRecord> faults, string kind)
        => continued.SelectMany(stream => stream.Gaps()).Where(gap => faults.LastOrDefault(fault => fault.From <= gap.At)?.Kind == kind).Select(gap => gap.GapMs);

    private static int DoubleOwners(string folder) => Directory.EnumerateFiles(folder, "*.log").Sum(log => DeviceLog.CountDoubleOwners(File.ReadLines(log)));
}
