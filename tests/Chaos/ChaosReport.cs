using System.Text.Json;
using Cluster.Serving.Fleet;

namespace Cluster.Chaos;

/// <summary>The run in one JSON line.</summary>
public static class ChaosReport
{
    /// <summary>How many of the continued streams are token for token what an undisturbed replica gives.</summary>
    public static async Task<int> CountEqualAsync(IChaosModel model, IEnumerable<StreamRecord> streams)
    {
        await using var undisturbed = await model.OpenUndisturbedAsync();
        int equal = 0;
        foreach (var batch in streams.Where(stream => stream.IsContinued).Chunk(32))
            equal += (await Task.WhenAll(batch.Select(IsEqualAsync))).Count(isEqual => isEqual);
        return equal;

        async Task<bool> IsEqualAsync(StreamRecord stream)
        {
            var tokens = new List<int>();
            await foreach (var delta in undisturbed.GenerateAsync(stream.Journal, CancellationToken.None)) tokens.AddRange(delta.Tokens);
            return tokens.SequenceEqual(stream.Tokens);
        }
    }

    public static string Of(IReadOnlyCollection<StreamRecord> streams, IReadOnlyList<FaultRecord> faults, int equal, string lockFolder)
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
            equal,
            duplicated = streams.Sum(stream => stream.Duplicated),
            missing = streams.Sum(stream => stream.Missing),
            invalid = streams.Count(stream => stream.Failure is not null),
            double_owners = DoubleOwners(lockFolder),
            gap_ms_p50_kill = Gap(continued, faults, "kill", 0.5),
            gap_ms_p99_kill = Gap(continued, faults, "kill", 0.99),
            gap_ms_p99_term = Gap(continued, faults, "term", 0.99),
            gap_ms_p99_stop = Gap(continued, faults, "stop", 0.99),
        });
    }

    /// <summary>Quantile of what clients waited at hand-overs that the last fault before them explains.</summary>
    private static double? Gap(IReadOnlyList<StreamRecord> continued, IReadOnlyList<FaultRecord> faults, string kind, double quantile)
    {
        var gaps = continued.SelectMany(stream => stream.Gaps())
            .Where(gap => faults.LastOrDefault(fault => fault.From <= gap.At)?.Kind == kind)
            .Select(gap => gap.GapMs).Order().ToList();
        return gaps.Count == 0 ? null : Math.Round(gaps[Math.Min(gaps.Count - 1, (int)(quantile * gaps.Count))], 1);
    }

    private static int DoubleOwners(string folder) => Directory.EnumerateFiles(folder, "*.log").Sum(log => DeviceLog.CountDoubleOwners(File.ReadLines(log)));
}
