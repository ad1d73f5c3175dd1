using System.Net.Sockets;
using System.Text;
using Cluster.Testing;

namespace Cluster.Host.Tests.Http;

/// <summary>A server whose bounds are met soon.</summary>
public sealed class NarrowHost : IAsyncLifetime
{
    public HostProcess Host { get; } = new();

    public ValueTask InitializeAsync() => Host.StartAsync(new Dictionary<string, string>
    {
        ["Door__HeadersMax"] = "20", ["Door__HeaderBytesMax"] = "4096", ["Door__HeadersTimeMax"] = "00:00:02", ["Door__IdleTimeMax"] = "00:00:02",
        ["Door__RateGrace"] = "00:00:02", ["Door__ResponseBufferBytesMax"] = "4096", ["OpenAI__StreamStallMax"] = "00:00:01",
    });

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

/// <summary>Connections that are too many, too slow, too talkative or half open: each is cut at its bound, and the others are served.</summary>
public class DoorTests(NarrowHost narrow) : IClassFixture<NarrowHost>
{
    private readonly HostProcess host = narrow.Host;

    private const string Get = "GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n";

    [Fact]
    public async Task Connections_PastTheBound_AreClosed_UntilOthersLeave()
    {
        await using var few = new HostProcess();
        await few.StartAsync(new Dictionary<string, string> { ["Door__ConnectionsMax"] = "4" });
        var open = new List<TcpClient>();
        for (int n = 0; n < 4; n++)
        {
            open.Add(await ConnectAsync(few));
            Assert.StartsWith("HTTP/1.1 200", await AskAsync(open[^1], Get + "\r\n"), StringComparison.Ordinal);
        }
        using (TcpClient fifth = await ConnectAsync(few)) Assert.Equal("", await AskAsync(fifth, Get + "\r\n"));
        open[0].Dispose();
        await UntilAsync(async () =>
        {
            using TcpClient next = await ConnectAsync(few);
            return (await AskAsync(next, Get + "\r\n")).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
        });
        open.ForEach(client => client.Dispose());
    }

    [Theory]
    [InlineData(true, 19, 20)]
    [InlineData(false, 3900, 4200)]
    public async Task Headers_PastTheBound_Are431(bool areMany, int fits, int isTooMuch)
    {
        string With(int much) => Get + (areMany ? string.Concat(Enumerable.Range(0, much).Select(n => $"x-{n}: y\r\n")) : $"x: {new string('y', much)}\r\n") + "\r\n";
        using TcpClient one = await ConnectAsync(host), two = await ConnectAsync(host);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(one, With(fits)), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431", await AskAsync(two, With(isTooMuch)), StringComparison.Ordinal);
    }

    /// <summary>What has come of a request before nothing more does: nothing, half its headers, half its body, all of it.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("GET /health/live HTTP/1.1\r\nHos", "HTTP/1.1 408")]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"model\":", "HTTP/1.1 408")]
    [InlineData(Get + "\r\n", "HTTP/1.1 200")]
    public async Task Connection_LeftHalfOpen_IsCutAtItsBound(string sent, string answer)
    {
        using TcpClient client = await ConnectAsync(host);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(sent));

        // Read until the server closes: it must, and long before any of the other bounds.
        string read = await ReadToEndAsync(client).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.StartsWith(answer, read, StringComparison.Ordinal);
        Assert.Equal(200, (int)(await host.Client.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task Streams_WhoseReadersAreHalfOpen_AreCut_AndTheirSlotsFree()
    {
        string body = Requests.Chat("x").With("stream", true).With("temperature", 2).With("n", 8)
            .WithSchema("""{"type":"array","minItems":30,"maxItems":30,"items":{"type":"string","minLength":60,"maxLength":80}}""").ToJsonString();
        var gone = new List<TcpClient>();
        for (int n = 0; n < 6; n++)
        {
            gone.Add(await ConnectAsync(host, receiveBytes: 2048));
            await gone[^1].GetStream().WriteAsync(Encoding.UTF8.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));
        }

        // They never read. A reader that does is served to its end.
        HttpResponseMessage response = await host.Client.PostAsync(Requests.Chat(Requests.JaneDoe).WithSchema(Requests.PersonSchema));
        Assert.Equal(200, (int)response.StatusCode);
        await UntilAsync(async () => (await host.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n')
            .Any(line => line.StartsWith("vllm:num_requests_running", StringComparison.Ordinal) && line.EndsWith(" 0", StringComparison.Ordinal)));
        gone.ForEach(client => client.Dispose());
    }

    private static async Task<TcpClient> ConnectAsync(HostProcess host, int receiveBytes = 0)
    {
        var address = new Uri(host.Address);
        var client = new TcpClient();
        if (receiveBytes > 0) client.ReceiveBufferSize = receiveBytes;
        await client.ConnectAsync(address.Host, address.Port);
        return client;
    }

    /// <summary>The first of the answer; empty where the connection is closed instead.</summary>
    private static async Task<string> AskAsync(TcpClient client, string request)
    {
        try
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
            byte[] buffer = new byte[4096];
            return Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(60)));
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static async Task<string> ReadToEndAsync(TcpClient client)
    {
        var all = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(all);
        }
        catch (IOException)
        {
            // Closed with a reset.
        }
        return Encoding.ASCII.GetString(all.ToArray());
    }

    private static Task UntilAsync(Func<Task<bool>> condition) => Eventually.HoldsAsync(condition, withinMs: 60_000);
}
