using System.Text.Json;
using Cluster.OpenAI.Tests.Support;

namespace Cluster.OpenAI.Tests;

/// <summary>A thousand streams at once: no delta lost or repeated, and no memory kept.</summary>
public class ManyStreamsTests
{
    private const int Streams = 1000, Tokens = 60;

    [Fact]
    public async Task ThousandStreams_EachGetsItsOwnTextWhole_AndMemoryIsFlat()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        server.Replica.Says = journal => TextOf((int)journal.Sampling.Seed);
        server.Replica.BeforeToken = cancellationToken => Task.Delay(10, cancellationToken);
        await RoundAsync(server);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int round = 0; round < 2; round++) await RoundAsync(server);
        lock (server.Replica.Prompts) server.Replica.Prompts.Clear();
        long after = GC.GetTotalMemory(forceFullCollection: true);
        Assert.True(after - before < 24 << 20, $"{(after - before) >> 20} MiB more after two rounds");
        Assert.Equal(0, server.Replica.Running);
    }

    private static string TextOf(int seed) => string.Concat(Enumerable.Range(0, Tokens / 5).Select(n => $"{(seed * 31 + n * 7) % 100_000:00000}"));

    private static async Task RoundAsync(EdgeServer server)
    {
        var open = new CountdownEvent(Streams);
        await Task.WhenAll(Enumerable.Range(0, Streams).Select(async seed =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
            {
                Content = new StringContent($$"""{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true,"seed":{{seed}}}"""),
            };
            using HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(200, (int)response.StatusCode);
            open.Signal();
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            string text = "", last = "";
            while (await reader.ReadLineAsync() is { } line)
            {
                if (line.Length == 0) continue;
                last = line;
                if (line == "data: [DONE]") continue;
                JsonElement delta = JsonSerializer.Deserialize<JsonElement>(line["data: ".Length..]).GetProperty("choices")[0].GetProperty("delta");
                if (delta.TryGetProperty("content", out JsonElement content)) text += content.GetString();
            }
            Assert.Equal("data: [DONE]", last);
            Assert.Equal(TextOf(seed), text);
        }));
        Assert.True(open.IsSet);
    }
}
