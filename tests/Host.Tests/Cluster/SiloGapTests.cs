using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Cluster.Testing;

namespace Cluster.Host.Tests.Cluster;

/// <summary>A replica's process is killed while it streams: its sequences go on at another one, and the metrics tell of it.</summary>
public sealed class SiloGapTests(SiloProcesses silos) : IClassFixture<SiloProcesses>
{
    private const int Clients = 6, ItemsMin = 40;

    private static readonly string Numbers = $$$"""
        {"type":"object","properties":{"n":{"type":"array","minItems":{{{ItemsMin}}},"maxItems":{{{ItemsMin + 20}}},"items":{"type":"integer","minimum":0,"maximum":999} } },"required":["n"],"additionalProperties":false}
        """;

    [Fact]
    public async Task AReplica_ThatIsKilled_LosesNoStream_AndGapsMovesAndEpochsAreCounted()
    {
        Assert.SkipUnless(SiloProcesses.WhyNot is null, SiloProcesses.WhyNot ?? "");
        double epoch = await SiloProcesses.MetricAsync(silos.Edge, "cluster_routing_epoch"), versions = await SiloProcesses.MetricAsync(silos.Edge, "cluster_routing_versions_total");
        Assert.True(epoch > 0 && versions > 0);
        using var stop = new CancellationTokenSource();
        var failures = new ConcurrentQueue<string>();
        int documents = 0;

        // Streams without a pause between them: whenever the process goes, some of them run on it.
        Task[] load = [.. Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                string text = "";
                try
                {
                    text = await StreamAsync(client);
                    using JsonDocument document = JsonDocument.Parse(text);
                    if (document.RootElement.GetProperty("n").GetArrayLength() < ItemsMin) failures.Enqueue(text);
                    Interlocked.Increment(ref documents);
                }
                catch (Exception failure) when (failure is HttpRequestException or JsonException or InvalidOperationException or IOException)
                {
                    failures.Enqueue($"{failure.Message}: {text}");
                }
            }
        }))];
        HostProcess busy = null!;
        await UntilAsync(async () =>
        {
            foreach (HostProcess replica in silos.Replicas)
            {
                if (await SiloProcesses.MetricAsync(replica, "vllm:num_requests_running") >= 2) busy = replica;
            }
            return busy is not null;
        });
        busy.Process.Kill();
        await busy.Process.WaitForExitAsync();

        await UntilAsync(async () => await SiloProcesses.MetricAsync(silos.Edge, "cluster_sequence_gap_seconds_count") >= 1);
        int before = documents;
        await UntilAsync(() => documents >= before + Clients);
        await stop.CancelAsync();
        await Task.WhenAll(load);

        Assert.Empty(failures);
        Assert.True(await SiloProcesses.MetricAsync(silos.Edge, "cluster_sequence_gap_seconds_sum") > 0);
        double moves = await SiloProcesses.MetricAsync(silos.Edge, "cluster_sequences_handed_over_total"), gaps = await SiloProcesses.MetricAsync(silos.Edge, "cluster_sequence_gap_seconds_count");
        Assert.True(moves >= gaps, $"{gaps} gaps of {moves} moves");

        // Attempts of a sequence are one more than its moves.
        double sequences = await SiloProcesses.MetricAsync(silos.Edge, "cluster_sequence_attempts_count");
        Assert.Equal(moves, await SiloProcesses.MetricAsync(silos.Edge, "cluster_sequence_attempts_sum") - sequences);
        await UntilAsync(async () => await SiloProcesses.MetricAsync(silos.Edge, $"cluster_replicas_ready{{model_name=\"{SiloProcesses.ModelId}\"") >= 1);

        // The planner went with the process or stayed: its epoch grew, or its table did.
        await UntilAsync(async () => await SiloProcesses.MetricAsync(silos.Edge, "cluster_routing_epoch") is var now && (now > epoch || (now == epoch && await SiloProcesses.MetricAsync(silos.Edge, "cluster_routing_versions_total") > versions)));
    }

    private async Task<string> StreamAsync(int client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/chat/completions", UriKind.Relative))
        {
            Content = new StringContent(Requests.Chat($"Count, {client}.").With("model", SiloProcesses.ModelId).With("max_tokens", 600).With("stream", true).WithSchema(Numbers).ToJsonString(), Encoding.UTF8, "application/json"),
        };
        using HttpResponseMessage response = await silos.Edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var text = new StringBuilder();
        while (await reader.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("data: {", StringComparison.Ordinal)) continue;
            using JsonDocument chunk = JsonDocument.Parse(line.AsMemory("data: ".Length));
            if (chunk.RootElement.TryGetProperty("error", out JsonElement error)) throw new InvalidOperationException(error.ToString());
            JsonElement choices = chunk.RootElement.GetProperty("choices");
            if (choices.GetArrayLength() > 0 && choices[0].GetProperty("delta").TryGetProperty("content", out JsonElement content)) text.Append(content.GetString());
        }
        return text.ToString();
    }

    private Task UntilAsync(Func<bool> condition) => Eventually.HoldsAsync(condition, withinMs: 180_000, () => silos.Outputs);

    private Task UntilAsync(Func<Task<bool>> condition) => Eventually.HoldsAsync(condition, withinMs: 180_000, () => silos.Outputs);
}
