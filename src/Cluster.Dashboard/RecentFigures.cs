using Cluster.OpenAI;

namespace Cluster.Dashboard;

/// <summary>Figures over the requests of the last minute, and their number in each second of the last two.</summary>
/// <param name="RequestsPerSecond">Ended in the last minute, by 60.</param>
/// <param name="TokensPerSecond">Their tokens, by 60.</param>
/// <param name="Errors">Of them, those that failed.</param>
/// <param name="FirstToken">Time to the first token, p50 and p95, in milliseconds; null without a request.</param>
/// <param name="InterToken">Time between tokens, the same.</param>
/// <param name="Requests">Requests that ended in each second, the oldest first.</param>
/// <param name="Tokens">Their tokens.</param>
public sealed record RecentFigures(
    double RequestsPerSecond, double TokensPerSecond, int Errors, (double P50, double P95)? FirstToken, (double P50, double P95)? InterToken,
    IReadOnlyList<int> Requests, IReadOnlyList<int> Tokens)
{
    private const int MinuteSeconds = 60;
    private const int ChartSeconds = 120;

    public static RecentFigures Of(IReadOnlyList<RequestEntry> finished, DateTimeOffset now)
    {
        int[] requests = new int[ChartSeconds];
        int[] tokens = new int[ChartSeconds];
        var minute = new List<RequestEntry>();
        foreach (RequestEntry entry in finished)
        {
            int age = (int)(now - entry.Begun - TimeSpan.FromMilliseconds(entry.EndedMs ?? 0)).TotalSeconds;
            if (age is < 0 or >= ChartSeconds) continue;
            requests[ChartSeconds - 1 - age]++;
            tokens[ChartSeconds - 1 - age] += entry.Tokens;
            if (age < MinuteSeconds) minute.Add(entry);
        }
        return new RecentFigures(
            minute.Count / (double)MinuteSeconds, minute.Sum(entry => entry.Tokens) / (double)MinuteSeconds, minute.Count(entry => entry.End is not ("ok" or "disconnected")),
            Quantiles(minute.Where(entry => entry.FirstTokenMs is not null).Select(entry => entry.FirstTokenMs!.Value)),
            Quantiles(minute.Where(entry => entry is { Tokens: > 1, FirstTokenMs: not null, EndedMs: not null }).Select(entry => (entry.EndedMs!.Value - entry.FirstTokenMs!.Value) / (entry.Tokens - 1))),
            requests, tokens);
    }

    private static (double, double)? Quantiles(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? null : (sorted[(sorted.Length - 1) / 2], sorted[(int)Math.Ceiling((sorted.Length - 1) * 0.95)]);
    }
}
