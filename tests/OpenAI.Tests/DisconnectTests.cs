using System.Net.Sockets;
using System.Text;
using Cluster.OpenAI.Tests.Support;
using Cluster.Serving.Admission;
using Cluster.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.OpenAI.Tests;

/// <summary>Clients that go away, or stay without reading: their work ends and their slot is free.</summary>
public class DisconnectTests
{
    private const string Streamed = """{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}""";
    private const string Whole = """{"model":"m","messages":[{"role":"user","content":"x"}]}""";

    [Theory]
    [InlineData("/v1/chat/completions", Streamed, 20)]
    [InlineData("/v1/chat/completions", Streamed, int.MaxValue)]
    [InlineData("/v1/chat/completions", Whole, 0)]
    [InlineData("/v1/responses", """{"model":"m","input":"x","stream":true}""", 300)]
    [InlineData("/v1/completions", """{"model":"m","prompt":"x","stream":true,"n":4}""", 300)]
    public async Task Client_GoesAway_ItsSequencesEnd(string path, string body, int bytesRead)
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        server.Replica.Says = _ => new string('a', 3000);
        server.Replica.BeforeToken = cancellationToken => Task.Delay(5, cancellationToken);
        using (TcpClient client = await SendAsync(server, path, body))
        {
            await UntilAsync(() => server.Replica.Running > 0);
            if (bytesRead is > 0 and < int.MaxValue) await client.GetStream().ReadAtLeastAsync(new byte[bytesRead + 4096], bytesRead);
            if (bytesRead == int.MaxValue) client.Client.LingerState = new LingerOption(true, 0);
        }
        await UntilAsync(() => server.Replica.Running == 0);
        Assert.True(server.Replica.Abandoned > 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    public async Task Client_GoesAwayBeforeItsBodyIsWhole_NothingRuns(int sent)
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        using (TcpClient client = await SendAsync(server, "/v1/chat/completions", Whole, sent)) await Task.Delay(50);
        Assert.Equal("Hello!", (await server.PostJsonAsync("/v1/chat/completions", Whole)).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Single(server.Replica.Prompts);
    }

    [Fact]
    public async Task Client_GoesAwayWhileItWaits_LeavesTheQueue()
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        server.Replica.SlotsMax = 1;
        var gate = new TaskCompletionSource();
        server.Replica.BeforeToken = cancellationToken => gate.Task.WaitAsync(cancellationToken);
        using TcpClient first = await SendAsync(server, "/v1/chat/completions", Whole);
        await UntilAsync(() => server.Replica.Running == 1);
        for (int n = 0; n < 10; n++)
        {
            using TcpClient waiting = await SendAsync(server, "/v1/chat/completions", Whole);
            await UntilAsync(() => Waiting(server) > 0);
            waiting.Close();
            await UntilAsync(() => Waiting(server) == 0);
        }
        gate.SetResult();
        Assert.Equal("Hello!", (await server.PostJsonAsync("/v1/chat/completions", Whole)).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(2, server.Replica.Prompts.Count);
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public async Task Queue_AtItsBound_AnswersOverloaded(int waiting, bool isRefused)
    {
        await using EdgeServer server = await EdgeServer.StartAsync();
        server.Replica.SlotsMax = 1;
        var gate = new TaskCompletionSource();
        server.Replica.BeforeToken = cancellationToken => gate.Task.WaitAsync(cancellationToken);
        Task<HttpResponseMessage> running = server.PostAsync("/v1/chat/completions", Whole);
        await UntilAsync(() => server.Replica.Running == 1);
        List<Task<HttpResponseMessage>> all = [.. Enumerable.Range(0, waiting).Select(_ => server.PostAsync("/v1/chat/completions", Whole))];
        await UntilAsync(() => Waiting(server) == 4 && (!isRefused || all.Any(one => one.IsCompleted)));
        Assert.Equal(isRefused ? 1 : 0, all.Count(one => one.IsCompleted));
        gate.SetResult();
        HttpResponseMessage[] responses = await Task.WhenAll(all.Append(running));
        Assert.Equal(isRefused ? 1 : 0, responses.Count(response => (int)response.StatusCode == 503));
        Assert.All(responses.Where(response => (int)response.StatusCode == 503), response => Assert.NotNull(response.Headers.RetryAfter));
    }

    [Fact]
    public async Task Client_ThatDoesNotRead_IsCutAtTheBound()
    {
        await using EdgeServer server = await EdgeServer.StartAsync(configure: options => options.StreamStallMax = TimeSpan.FromMilliseconds(300), contextLength: 200_000);
        server.Replica.Says = _ => new string('a', 100_000);
        using TcpClient client = await SendAsync(server, "/v1/chat/completions", Streamed);
        await UntilAsync(() => server.Replica.Running == 1);
        await UntilAsync(() => server.Replica.Running == 0);
        Assert.Equal(1, server.Replica.Abandoned);
    }

    [Fact]
    public async Task Request_ThatTakesTooLong_IsEnded()
    {
        await using EdgeServer server = await EdgeServer.StartAsync(configure: options => options.RequestTimeMax = TimeSpan.FromMilliseconds(300));
        server.Replica.Says = _ => new string('a', 3000);
        server.Replica.BeforeToken = cancellationToken => Task.Delay(20, cancellationToken);
        HttpResponseMessage whole = await server.PostAsync("/v1/chat/completions", Whole);
        Assert.Equal(504, (int)whole.StatusCode);
        string stream = await (await server.PostAsync("/v1/chat/completions", Streamed)).Content.ReadAsStringAsync();
        Assert.Contains("\"request_timeout\"", stream.Split("\n\n")[^2], StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", stream, StringComparison.Ordinal);
        await UntilAsync(() => server.Replica.Running == 0);
    }

    private static int Waiting(EdgeServer server) => server.Services.GetRequiredService<FairAdmission>().Waiting;

    private static async Task<TcpClient> SendAsync(EdgeServer server, string path, string body, int sent = int.MaxValue)
    {
        Uri address = server.Client.BaseAddress!;
        var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(address.Host, address.Port);
        string head = $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(head + body[..Math.Min(sent, body.Length)]));
        return client;
    }

    private static Task UntilAsync(Func<bool> condition) => Eventually.HoldsAsync(condition, withinMs: 15_000);
}
