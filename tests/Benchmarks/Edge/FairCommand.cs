using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Cluster.Decoding;
using Cluster.Serving;
using Cluster.Serving.Generation;
using Cluster.Serving.Local;
using Cluster.Tokenization.Templates;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Benchmarks.Edge;

/// <summary>
/// What a key that floods does to another: the time to the first token of a quiet key, once while both offer their fair share of a saturated
/// system, and once while the other offers far more. Without the queue, for comparison, too.
/// </summary>
internal static class FairCommand
{
    private const string Model = "slotted";

    public static Command Create()
    {
        var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 8 };
        var slots = new Option<int>("--slots") { DefaultValueFactory = _ => 8 };
        var flood = new Option<int>("--flood") { DefaultValueFactory = _ => 200, Description = "Requests that the flooding key keeps open." };
        var command = new Command("fair", "A flooding key against a quiet one; the last line is one JSON object.") { seconds, slots, flood };
        command.SetAction(result => RunAsync(result.GetValue(seconds), result.GetValue(slots), result.GetValue(flood)));
        return command;
    }

    private static async Task<int> RunAsync(int seconds, int slots, int flood)
    {
        double fair = await MeasureAsync(seconds, slots, others: slots, hasQueue: true);
        double flooded = await MeasureAsync(seconds, slots, others: flood, hasQueue: true);
        // Where nothing came at all, it would have taken longer than the measurement.
        double unguarded = Math.Min(seconds * 1000, await MeasureAsync(seconds, slots, others: flood, hasQueue: false));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"p95 time to first token of the quiet key: {fair:0} ms at fair shares, {flooded:0} ms under the flood, {unguarded:0} ms under the flood without the queue"));
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, double>
        {
            ["fair_ttft_ms_p95"] = Math.Round(fair, 1),
            ["flooded_ttft_ms_p95"] = Math.Round(flooded, 1),
            ["ratio"] = Math.Round(flooded / fair, 3),
            ["ratio_without_queue"] = Math.Round(unguarded / fair, 3),
        }));
        return flooded / fair <= 1.5 ? 0 : 1;
    }

    /// <returns>95th percentile of the quiet key's time to the first token, in milliseconds.</returns>
    private static async Task<double> MeasureAsync(int seconds, int slots, int others, bool hasQueue)
    {
        RequestPipeline pipeline = PipelineOver(new SlottedReplica(Model, slots, TimeSpan.FromMilliseconds(10)), hasQueue);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        var first = new ConcurrentBag<double>();
        await Task.WhenAll([
            .. Enumerable.Range(0, others).Select(client => ClientAsync(pipeline, new RequestOwner("flood", 1), client, null, end.Token)),
            .. Enumerable.Range(0, slots).Select(client => ClientAsync(pipeline, new RequestOwner("quiet", 1), client, first, end.Token)),
        ]);
        double[] sorted = [.. first.Order()];
        return sorted.Length == 0 ? double.PositiveInfinity : sorted[(int)(sorted.Length * 0.95)];
    }

    /// <summary>One request after another.</summary>
    private static async Task ClientAsync(RequestPipeline pipeline, RequestOwner owner, int client, ConcurrentBag<double>? first, CancellationToken end)
    {
        try
        {
            for (int n = 0; !end.IsCancellationRequested; n++)
            {
                long start = Stopwatch.GetTimestamp();
                PrepareResult prepared = await pipeline.PrepareAsync(new GenerationRequest
                {
                    RequestId = $"{owner.Id}-{client}-{n}", ModelId = Model, Messages = [new ChatMessage("user", "x")], Sampling = new SamplingOptions(), Owner = owner, TokensMax = 20,
                }, end);
                bool hasFirst = false;
                await foreach (GenerationEvent one in pipeline.RunAsync(prepared.Prepared!, end))
                {
                    if (hasFirst || one is not TextGenerated) continue;
                    hasFirst = true;
                    first?.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }
    }

    private static RequestPipeline PipelineOver(IReplica replica, bool hasQueue)
    {
        var directory = new LocalCluster([replica]);
        var catalogue = new ModelCatalogue([new ServedModel
        {
            Id = Model, Tokenizer = new NumberTokenizer(), Fingerprint = "edge", ContextLength = 4096,
            Template = new ChatTemplate("x", new Dictionary<string, string>(), TimeProvider.System),
        }]);
        var services = new ServiceCollection();
        EdgeHost.AddServing(services, catalogue, directory, hasQueue);
        return services.BuildServiceProvider().GetRequiredService<RequestPipeline>();
    }
}
