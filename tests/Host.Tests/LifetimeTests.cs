using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Cluster.Host.Tests;

/// <summary>Starts, stops, and clients that go away.</summary>
public class LifetimeTests
{
    private static JsonObject LongStream => Requests.Chat("Tell me everything.").With("stream", true).With("temperature", 2).With("seed", 3)
        .WithSchema("""{"type":"array","items":{"type":"string","minLength":40,"maxLength":60},"minItems":12,"maxItems":12}""");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Interrupt_WithOpenStreams_EndsThemCleanlyWithinFiveSeconds(bool isInBackground)
    {
        await using var host = new HostProcess();
        await host.StartAsync(new Dictionary<string, string>(), isInBackground: isInBackground);
        Task<string>[] streams = [.. Enumerable.Range(0, 40).Select(_ => ReadAsync(host))];
        await Task.Delay(300);
        var stopwatch = Stopwatch.StartNew();
        host.Signal("INT");
        await host.Process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token);
        Assert.True(stopwatch.Elapsed < TimeSpan.FromSeconds(5), $"stopping took {stopwatch.Elapsed}");
        Assert.Equal(0, host.Process.ExitCode);
        foreach (string stream in await Task.WhenAll(streams))
        {
            // Whole events, of which the last says how it ended; or, for one that still waited for a slot, a whole answer that says so.
            if (stream.StartsWith('{'))
            {
                Assert.Equal("shutting_down", (string?)JsonNode.Parse(stream)!["error"]!["code"]);
                continue;
            }
            Assert.EndsWith("\n\n", stream, StringComparison.Ordinal);
            string last = stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1];
            Assert.True(last == "data: [DONE]" || last.Contains("\"shutting_down\"", StringComparison.Ordinal), last);
        }
    }

    [Fact]
    public async Task Start_OnABusyPort_NamesTheCure()
    {
        using var taken = new TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        await using var host = new HostProcess();
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await host.StartAsync(new Dictionary<string, string>(), $"http://127.0.0.1:{((System.Net.IPEndPoint)taken.LocalEndpoint).Port}"));
        Assert.Contains("PORT=", exception.Message, StringComparison.Ordinal);

        // Said at once and alone, before any model is loaded.
        Assert.DoesNotContain("loaded ", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("fail:", host.Output, StringComparison.Ordinal);
        await host.Process.WaitForExitAsync();
        Assert.Equal(2, host.Process.ExitCode);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", "Cluster:AllowAnonymous")]
    [InlineData("http://*:0", "Cluster:AllowAnonymous")]
    [InlineData("nonsense", "--urls")]
    [InlineData("http://127.0.0.1:99999", "--urls")]
    [InlineData("http://127.0.0.1:0/base", "--urls")]
    public async Task Start_OnAnAddressItMustNotTake_NamesTheCure(string urls, string cure)
    {
        await using var host = new HostProcess();
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(async () => await host.StartAsync(new Dictionary<string, string>(), urls));
        Assert.Contains(cure, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disconnect_MidStream_FreesTheSlots()
    {
        await using var host = new HostProcess();
        await host.InitializeAsync();
        for (int round = 0; round < 3; round++)
        {
            // Far more streams than slots, all abandoned: what comes after is served at once only if their slots are free.
            await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => AbandonAsync(host)));
        }
        var stopwatch = Stopwatch.StartNew();
        HttpResponseMessage response = await host.Client.PostAsync(Requests.Chat(Requests.JaneDoe).WithSchema(Requests.PersonSchema));
        Assert.Equal(200, (int)response.StatusCode);
        Assert.True(stopwatch.Elapsed < TimeSpan.FromSeconds(5), $"took {stopwatch.Elapsed}");
    }

    private static async Task<string> ReadAsync(HostProcess host)
    {
        var text = new StringBuilder();
        try
        {
            using HttpResponseMessage response = await OpenAsync(host);
            using Stream stream = await response.Content.ReadAsStreamAsync();
            var buffer = new byte[4096];
            for (int read; (read = await stream.ReadAsync(buffer)) > 0;) text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        catch (HttpIOException)
        {
            // What came before the end of the connection is what counts.
        }
        return text.ToString();
    }

    private static async Task AbandonAsync(HostProcess host)
    {
        using HttpResponseMessage response = await OpenAsync(host);
        using Stream stream = await response.Content.ReadAsStreamAsync();
        await stream.ReadExactlyAsync(new byte[8]);
    }

    private static async Task<HttpResponseMessage> OpenAsync(HostProcess host)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(LongStream.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        return await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
