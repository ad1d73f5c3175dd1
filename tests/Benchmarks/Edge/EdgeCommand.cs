using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Cluster.Benchmarks.Edge;

/// <summary>
/// What the edge adds to each delta: fixed-rate replicas, one delta a token, readers in a process of their own on the same cores. First a raw
/// Kestrel loop, then the edge, in one run; then more and more streams until the bound is missed.
/// </summary>
internal static class EdgeCommand
{
    private const double AddedMsMax = 5;

    /// <param name="Deltas">Asked for.</param>
    /// <param name="AddedMs">Per delta that came, sorted: from the replica's giving to the client's reading.</param>
    private sealed record Outcome(int Deltas, double[] AddedMs, double CpuMs, int Lost, int Repeated)
    {
        public double Percentile(double part) => AddedMs.Length == 0 ? double.NaN : AddedMs[(int)Math.Min(AddedMs.Length - 1, AddedMs.Length * part)];
        public double CpuMsPer1000 => CpuMs * 1000 / Deltas;
    }

    public static Command Create()
    {
        var streams = new Option<int>("--streams") { DefaultValueFactory = _ => 400 };
        var rate = new Option<int>("--rate") { DefaultValueFactory = _ => 50, Description = "Tokens a second and stream." };
        var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 10 };
        var ladder = new Option<bool>("--ladder") { DefaultValueFactory = _ => true, Description = "Look for the highest rate that still holds the bound." };
        var command = new Command("edge", "Latency and processor time that the edge adds to each delta; the last line is one JSON object.") { streams, rate, seconds, ladder };
        command.SetAction(result => RunAsync(result.GetValue(streams), result.GetValue(rate), result.GetValue(seconds), result.GetValue(ladder)));
        return command;
    }

    private static async Task<int> RunAsync(int streams, int rate, int seconds, bool hasLadder)
    {
        using var pump = new Pump(TimeSpan.FromSeconds(1.0 / rate));
        var feeds = new ConcurrentDictionary<int, Pump.Feed>();
        await using WebApplication app = await EdgeHost.StartAsync(pump, feeds);
        int port = new Uri(app.Urls.First()).Port;
        async Task<Outcome> MeasureAsync(string path, int count, int time) => await EdgeCommand.MeasureAsync(feeds, port, path, count, rate * time);

        const string chat = "/v1/chat/completions";
        await MeasureAsync("/raw", Math.Min(streams, 100), 2);
        await MeasureAsync(chat, Math.Min(streams, 100), 2);
        Outcome raw = await MeasureAsync("/raw", streams, seconds);
        Report("raw", streams * rate, raw);
        Outcome edge = await MeasureAsync(chat, streams, seconds);
        Report("edge", streams * rate, edge);
        int best = edge.Percentile(0.99) <= AddedMsMax ? streams * rate : 0;
        for (int count = streams + (streams / 4); hasLadder && best > 0; count += streams / 4)
        {
            Outcome more = await MeasureAsync(chat, count, Math.Max(2, seconds / 3));
            Report("edge", count * rate, more);
            if (more.Percentile(0.99) > AddedMsMax || more.Lost > 0) break;
            best = count * rate;
        }
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, double>
        {
            ["deltas_per_second"] = streams * rate,
            ["added_ms_p50"] = Math.Round(edge.Percentile(0.5), 3),
            ["added_ms_p99"] = Math.Round(edge.Percentile(0.99), 3),
            ["raw_ms_p99"] = Math.Round(raw.Percentile(0.99), 3),
            ["cpu_ms_per_1000_deltas"] = Math.Round(edge.CpuMsPer1000, 3),
            ["raw_cpu_ms_per_1000_deltas"] = Math.Round(raw.CpuMsPer1000, 3),
            ["ratio_to_raw_sse"] = Math.Round(edge.CpuMsPer1000 / raw.CpuMsPer1000, 3),
            ["highest_deltas_per_second"] = best,
            ["lost"] = edge.Lost,
            ["repeated"] = edge.Repeated,
        }));
        return edge is { Lost: 0, Repeated: 0 } ? 0 : 1;
    }

    private static void Report(string what, int rate, Outcome outcome) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{what,-5} {rate,6} deltas/s  added p50 {outcome.Percentile(0.5):0.00} ms, p99 {outcome.Percentile(0.99):0.00} ms, p99.9 {outcome.Percentile(0.999):0.00} ms  {outcome.CpuMsPer1000:0.00} CPU ms / 1000 deltas  lost {outcome.Lost}, repeated {outcome.Repeated}"));

    private static async Task<Outcome> MeasureAsync(ConcurrentDictionary<int, Pump.Feed> feeds, int port, string path, int streams, int tokens)
    {
        feeds.Clear();
        string output = Path.GetTempFileName();
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        using Process readers = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, string.Create(CultureInfo.InvariantCulture,
            $"{(Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? typeof(EdgeCommand).Assembly.Location : "")} {StreamReaders.Name} --port {port} --path {path} --streams {streams} --tokens {tokens} --output {output}")))!;
        await readers.WaitForExitAsync();
        double cpuMs = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMilliseconds;
        byte[] bytes = await File.ReadAllBytesAsync(output);
        File.Delete(output);
        var added = new List<double>(streams * tokens);
        var seen = new HashSet<(long, long)>();
        int repeated = 0;
        for (int at = 0; at < bytes.Length; at += 24)
        {
            (long stream, long number, long when) = (BitConverter.ToInt64(bytes, at), BitConverter.ToInt64(bytes, at + 8), BitConverter.ToInt64(bytes, at + 16));
            if (!seen.Add((stream, number))) repeated++;
            else added.Add(Stopwatch.GetElapsedTime(feeds[(int)stream].GivenAt[number], when).TotalMilliseconds);
        }
        added.Sort();
        return new Outcome(streams * tokens, [.. added], cpuMs, (streams * tokens) - seen.Count, repeated);
    }
}
