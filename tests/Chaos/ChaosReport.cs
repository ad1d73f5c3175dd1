using System.Diagnostics;
using System.Text.Json;
using Cluster.Serving.Fleet;

namespace Cluster.Chaos;

/// <summary>The run in one JSON line, and each gap in a file.</summary>
public sealed class ChaosReport(IReadOnlyCollection<IStreamOutcome> streams, IReadOnlyList<FaultRecord> faults, int evictions, string folder, string lockFolder)
{
    /// <summary>A hand-over with the fault before it, which explains it.</summary>
    private readonly record struct Explained(FaultRecord Fault, ClientGap Gap)
    {
        public double DetectMs => Stopwatch.GetElapsedTime(Fault.From, Gap.At).TotalMilliseconds;
    }

    private readonly List<Explained> _gaps = [.. from gap in streams.SelectMany(stream => stream.Gaps())
                                                 let fault = faults.LastOrDefault(fault => fault.From <= gap.At)
                                                 where fault is not null
                                                 select new Explained(fault, gap)];

    public string Of(Comparison comparison)
    {
        WriteGaps();
        return JsonSerializer.Serialize(new
        {
            kills = Faults("kill"),
            terms = Faults("term"),
            stops = Faults("stop"),
            cuts = Faults("cut"),
            upgrades = Faults("upgrade"),
            evictions,
            streams = streams.Count,
            complete = streams.Count(stream => stream.IsComplete),
            continued = streams.Count(stream => stream.IsContinued),
            equal = comparison.Equal,
            explained = comparison.Explained,
            unfinished = comparison.Unfinished,
            margin_max = comparison.MarginMax,
            duplicated = streams.Sum(stream => stream.Duplicated),
            missing = streams.Sum(stream => stream.Missing),
            invalid = streams.Sum(stream => stream.Invalid),
            double_owners = Directory.EnumerateFiles(lockFolder, "*.log").Sum(log => DeviceLog.CountDoubleOwners(File.ReadLines(log))),
            gap_ms_p50_kill = Gap("kill", 0.5),
            gap_ms_p99_kill = Gap("kill", 0.99),
            gap_ms_p99_term = Gap("term", 0.99),
            gap_ms_p99_stop = Gap("stop", 0.99),
            gap_ms_p99_cut = Gap("cut", 0.99),
            gap_ms_p99_upgrade = Gap("upgrade", 0.99),
            gaps_kill = Of("kill").Count(),
            gaps_term = Of("term").Count(),
            gaps_stop = Of("stop").Count(),
            gaps_cut = Of("cut").Count(),
            gaps_upgrade = Of("upgrade").Count(),
            detect_ms_p50_kill = Quantile(Of("kill").Select(one => one.DetectMs), 0.5),
            detect_ms_p99_kill = Quantile(Of("kill").Select(one => one.DetectMs), 0.99),
            resume_ms_p50_kill = Quantile(Of("kill").Select(one => one.Gap.ResumeMs), 0.5),
            resume_ms_p99_kill = Quantile(Of("kill").Select(one => one.Gap.ResumeMs), 0.99),
        });
    }

    private int Faults(string kind) => faults.Count(fault => fault.Kind == kind);

    private IEnumerable<Explained> Of(string kind) => _gaps.Where(one => one.Fault.Kind == kind);

    private double? Gap(string kind, double quantile) => Quantile(Of(kind).Select(one => one.Gap.GapMs), quantile);

    private static double? Quantile(IEnumerable<double> values, double quantile) => Quantiles.Of(values, quantile) is { } found ? Math.Round(found, 1) : null;

    private void WriteGaps() => File.WriteAllLines(Path.Combine(folder, "gaps.txt"), _gaps.OrderBy(one => one.Gap.At).Select(one =>
        FormattableString.Invariant($"{one.Fault.Kind} {one.Fault.Silo} detected after {one.DetectMs:0} ms, client waited {one.Gap.GapMs:0} ms, of it {one.Gap.ResumeMs:0} ms for the next replica")));
}

internal static class Quantiles
{
    /// <summary>Null where there are no values.</summary>
    public static double? Of(IEnumerable<double> values, double quantile)
    {
        List<double> ordered = [.. values.Order()];
        return ordered.Count == 0 ? null : ordered[Math.Min(ordered.Count - 1, (int)(quantile * ordered.Count))];
    }
}
