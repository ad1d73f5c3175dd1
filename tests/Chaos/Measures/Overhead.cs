using System.Text.Json;
using Cluster.Decoding;
using Cluster.Grains.Tests;
using Cluster.Serving;
using Cluster.Serving.Generation;
using Cluster.Serving.Local;
using Cluster.Serving.Resuming;
using Cluster.Serving.Routing;

namespace Cluster.Chaos.Measures;

/// <summary>
/// <c>overhead</c>: what a delta costs that comes through Orleans from another process, beside one that comes from a replica in this process.
/// Latency is from the replica's step to the reader, on streams whose tokens are stamps. Processor time is that of all processes together, pulses and probes
/// included: once of these bare streams, and once of whole requests (engine over a scripted model, journal, detokeniser, events).
/// </summary>
public static class Overhead
{
    private const int StepMs = 20;
    private const int TokensWarm = 150;
    private const int TokensMeasured = 500;

    /// <summary>After the warm-up, until the just-in-time compiler has done what that asked for.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);

    private sealed record Figures(double P50, double P99, double CpuMsPer1000);

    public static async Task<int> RunAsync(int streams)
    {
        Figures local, remote;
        double requestsLocal, requestsRemote;
        await using (var stamped = new StampedReplica("local/0", ChaosSilo.FakeModelId, TimeSpan.FromMilliseconds(StepMs)))
            local = await StreamsAsync(new LocalCluster([stamped]), streams, () => MeasuredCluster.OwnProcessorTime);
        await using (var cluster = new LocalCluster([new EngineReplicas(ChaosSilo.FakeModelId, TimeSpan.FromMilliseconds(StepMs), TimeSpan.Zero, new NoGrammars()).Open("local/0", "cpu")]))
            requestsLocal = await RequestsAsync(cluster, streams, () => MeasuredCluster.OwnProcessorTime);
        await using (MeasuredCluster cluster = await MeasuredCluster.StartAsync("--Stamped=true", $"--StepMs={StepMs}"))
        {
            await cluster.ScaleAsync(1);
            remote = await StreamsAsync(cluster.Replicas, streams, () => cluster.ProcessorTime);
        }
        await using (MeasuredCluster cluster = await MeasuredCluster.StartAsync($"--StepMs={StepMs}", $"--Slots={streams}"))
        {
            await cluster.ScaleAsync(1);
            requestsRemote = await RequestsAsync(cluster.Replicas, streams, () => cluster.ProcessorTime);
        }
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            streams,
            local_ms_p50 = Math.Round(local.P50, 3),
            local_ms_p99 = Math.Round(local.P99, 3),
            orleans_ms_p50 = Math.Round(remote.P50, 3),
            orleans_ms_p99 = Math.Round(remote.P99, 3),
            extra_ms_p50 = Math.Round(remote.P50 - local.P50, 3),
            extra_ms_p99 = Math.Round(remote.P99 - local.P99, 3),
            streams_cpu_ms_local = Math.Round(local.CpuMsPer1000, 2),
            streams_cpu_ms_orleans = Math.Round(remote.CpuMsPer1000, 2),
            streams_cpu_ratio = Math.Round(remote.CpuMsPer1000 / local.CpuMsPer1000, 2),
            requests_cpu_ms_local = Math.Round(requestsLocal, 2),
            requests_cpu_ms_orleans = Math.Round(requestsRemote, 2),
            requests_cpu_ratio = Math.Round(requestsRemote / requestsLocal, 2),
        }));
        return 0;
    }

    private static async Task<Figures> StreamsAsync(IReplicaDirectory replicas, int streams, Func<TimeSpan> processorTime)
    {
        var router = new ReplicaRouter(replicas, new ReplicaBreakers(new BreakerOptions(), TimeProvider.System));
        var pacing = new ResumePacing(new ResumeOptions(), TimeProvider.System);
        await AllAsync(TokensWarm, []);
        await Task.Delay(Settle);
        TimeSpan began = processorTime();
        var ages = new List<double>[streams];
        await AllAsync(TokensMeasured, ages);
        double busyMs = (processorTime() - began).TotalMilliseconds;
        List<double> all = [.. ages.SelectMany(one => one)];
        return new Figures(Quantiles.Of(all, 0.5)!.Value, Quantiles.Of(all, 0.99)!.Value, busyMs / all.Count * 1000);

        Task AllAsync(int tokens, List<double>[] ages) => Task.WhenAll(Enumerable.Range(0, streams).Select(async number =>
        {
            var own = new List<double>(tokens);
            var journal = new SequenceJournal { RequestId = $"{number}", PromptTokens = [1], TokensMax = tokens, Sampling = new SamplingOptions() };
            var run = new SequenceRun(ChaosSilo.FakeModelId, router, pacing, TimeProvider.System, new Nobody());
            await foreach (SequenceDelta delta in run.RunAsync(journal, CancellationToken.None))
            {
                if (delta.Error is { } error) throw new InvalidOperationException(error.Message);
                foreach (int stamp in delta.Tokens) own.Add(StampedReplica.AgeMs(stamp));
            }
            if (ages.Length > 0) ages[number] = own;
        }));
    }

    /// <summary>Processor time of a thousand tokens, in milliseconds.</summary>
    private static async Task<double> RequestsAsync(IReplicaDirectory replicas, int streams, Func<TimeSpan> processorTime)
    {
        var pipeline = new RequestPipeline(
            new ModelCatalogue([EngineReplicas.Served(ChaosSilo.FakeModelId)]), new NoGrammars(), new ReplicaRouter(replicas, new ReplicaBreakers(new BreakerOptions(), TimeProvider.System)),
            new DocumentCheck(new DocumentCheckOptions()), new ResumePacing(new ResumeOptions(), TimeProvider.System), TimeProvider.System, new Nobody());
        await AllAsync(TokensWarm);
        await Task.Delay(Settle);
        TimeSpan began = processorTime();
        int tokens = await AllAsync(TokensMeasured);
        return (processorTime() - began).TotalMilliseconds / tokens * 1000;

        async Task<int> AllAsync(int length) => (await Task.WhenAll(Enumerable.Range(0, streams).Select(async number =>
        {
            var request = new GenerationRequest
            {
                RequestId = $"{number}", ModelId = ChaosSilo.FakeModelId, Messages = [new ChatMessage("user", $"{number}")], TokensMax = length,
                Sampling = new SamplingOptions { Seed = (ulong)number },
            };
            int generated = 0;
            await foreach (GenerationEvent one in pipeline.RunAsync((await pipeline.PrepareAsync(request, CancellationToken.None)).Prepared!, CancellationToken.None))
            {
                if (one is GenerationFailed failed) throw new InvalidOperationException(failed.Error.Message);
                if (one is ChoiceEnded ended) generated = ended.Tokens;
            }
            return generated;
        }))).Sum();
    }
}

/// <summary>Hears of hand-overs and says nothing.</summary>
internal sealed class Nobody : IResumeObserver
{
    public void OnHandedOver(in HandOver handOver) { }

    public void OnRetryDelayed(TimeSpan delay) { }

    public void OnPoisonRefused(string requestId, int choice) { }
}
