using System.Diagnostics;
using System.Text.Json;
using Cluster.Decoding;
using Cluster.Serving.Resuming;
using Cluster.Serving.Routing;

namespace Cluster.Chaos.Measures;

/// <summary>
/// <c>scale</c>: requests per second over 1, 2, 4 and 8 replicas of a fixed rate (a scripted model whose step takes its time), each a silo process of its
/// own. Twice as many requests as there are slots are always open. A fall below linear with idle cores would be the cluster's.
/// </summary>
public static class Scaling
{
    private const int StepMs = 20;
    private const int Slots = 8;
    private const int Tokens = 50;
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(5), Measured = TimeSpan.FromSeconds(12);

    public static async Task<int> RunAsync(IReadOnlyList<int> sizes)
    {
        await using MeasuredCluster cluster = await MeasuredCluster.StartAsync($"--StepMs={StepMs}", $"--Slots={Slots}");
        var rows = new List<object>();
        double each = 0;
        foreach (int replicas in sizes)
        {
            await cluster.ScaleAsync(replicas);
            (double perSecond, double cores) = await RateAsync(cluster, replicas);
            if (each == 0) each = perSecond / replicas;
            rows.Add(new { replicas, requests_per_s = Math.Round(perSecond, 2), of_linear = Math.Round(perSecond / (each * replicas), 3), cores_busy = Math.Round(cores, 2) });
            Console.WriteLine(JsonSerializer.Serialize(rows[^1]));
        }
        Console.WriteLine(JsonSerializer.Serialize(new { cores = Environment.ProcessorCount, step_ms = StepMs, slots = Slots, tokens = Tokens, rows }));
        return 0;
    }

    private static async Task<(double PerSecond, double Cores)> RateAsync(MeasuredCluster cluster, int replicas)
    {
        var router = new ReplicaRouter(cluster.Replicas, new ReplicaBreakers(new BreakerOptions(), TimeProvider.System));
        var pacing = new ResumePacing(new ResumeOptions(), TimeProvider.System);
        using var ending = new CancellationTokenSource();
        long tokens = 0;
        Task running = Task.WhenAll(Enumerable.Range(0, 2 * Slots * replicas).Select(async slot =>
        {
            for (int round = 0; !ending.IsCancellationRequested; round++)
            {
                // Lengths differ, or all that began together would end together.
                var journal = new SequenceJournal
                {
                    RequestId = $"{replicas}-{slot}-{round}", PromptTokens = [1, 2, slot % 256], TokensMax = Tokens - 10 + ((slot + round) % 21), Fingerprint = "fake-1",
                    Sampling = new SamplingOptions { Seed = (ulong)slot },
                };
                var run = new SequenceRun(ChaosSilo.FakeModelId, router, pacing, TimeProvider.System, new Nobody());
                await foreach (SequenceDelta delta in run.RunAsync(journal, CancellationToken.None))
                {
                    if (delta.Error is { } error) throw new InvalidOperationException(error.Message);
                    Interlocked.Add(ref tokens, delta.Tokens.Length);
                }
            }
        }));
        await Task.Delay(Warm);
        long from = Interlocked.Read(ref tokens), began = Stopwatch.GetTimestamp();
        TimeSpan busy = cluster.ProcessorTime;
        await Task.Delay(Measured);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;

        // Counted in tokens, since a request is long beside the time measured.
        double perSecond = (Interlocked.Read(ref tokens) - from) / (double)Tokens / seconds;
        double cores = (cluster.ProcessorTime - busy).TotalSeconds / seconds;
        await ending.CancelAsync();
        await running;
        return (perSecond, cores);
    }
}
