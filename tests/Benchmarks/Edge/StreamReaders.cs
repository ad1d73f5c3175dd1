using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cluster.Benchmarks.Edge;

/// <summary>
/// The load, a process of its own: opens all streams, and writes for each number that arrives its stream, itself and when it came; three
/// 64-bit integers each. One thread a few hundred sockets, no HTTP library: it must not be what is measured.
/// </summary>
internal static class StreamReaders
{
    public const string Name = "edge-readers";

    public static Command CreateCommand()
    {
        var port = new Option<int>("--port");
        var path = new Option<string>("--path") { Required = true };
        var streams = new Option<int>("--streams");
        var tokens = new Option<int>("--tokens");
        var output = new Option<string>("--output") { Required = true };
        var command = new Command(Name, "Reads the streams of the edge benchmark (started by it).") { port, path, streams, tokens, output };
        command.SetAction(result => RunAsync(result.GetValue(port), result.GetValue(path)!, result.GetValue(streams), result.GetValue(tokens), result.GetValue(output)!));
        return command;
    }

    private static async Task<int> RunAsync(int port, string path, int streams, int tokens, string output)
    {
        long[][] arrived = await Task.WhenAll(Enumerable.Range(0, streams).Select(stream => ReadAsync(port, path, stream, tokens)));
        await using var file = new BinaryWriter(File.Create(output));
        for (int stream = 0; stream < streams; stream++)
        {
            for (int i = 0; i < arrived[stream].Length; i += 2)
            {
                file.Write((long)stream);
                file.Write(arrived[stream][i]);
                file.Write(arrived[stream][i + 1]);
            }
        }
        return 0;
    }

    /// <returns>Numbers and when they came, in turn.</returns>
    private static async Task<long[]> ReadAsync(int port, string path, int stream, int tokens)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port).ConfigureAwait(false);
        await socket.SendAsync(Encoding.ASCII.GetBytes(RequestOf(port, path, stream, tokens)), SocketFlags.None).ConfigureAwait(false);
        var arrived = new List<long>(tokens * 2);
        byte[] buffer = new byte[16 << 10];
        int held = 0;
        while (true)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(held), SocketFlags.None).ConfigureAwait(false);
            long now = Stopwatch.GetTimestamp();
            if (read == 0) return [.. arrived];
            held = Take(buffer, held + read, now, arrived);
            if (arrived.Count >= tokens * 2 && buffer.AsSpan(0, held + read).IndexOf("0\r\n\r\n"u8) >= 0) return [.. arrived];
        }
    }

    private static string RequestOf(int port, string path, int stream, int tokens)
    {
        string body = $$"""{"model":"{{EdgeHost.Model}}","messages":[{"role":"user","content":"x"}],"stream":true,"seed":{{stream}},"max_tokens":{{tokens}}}""";
        string query = path == "/raw" ? string.Create(CultureInfo.InvariantCulture, $"?seed={stream}&tokens={tokens}") : "";
        return $"POST {path}{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
    }

    /// <summary>Takes the numbers out of the whole events in the buffer and moves the rest to its front.</summary>
    private static int Take(byte[] buffer, int length, long now, List<long> arrived)
    {
        ReadOnlySpan<byte> mark = "\"content\":\""u8;
        int from = 0;
        while (true)
        {
            int end = buffer.AsSpan(from, length - from).IndexOf("\n\n"u8);
            if (end < 0) break;
            ReadOnlySpan<byte> one = buffer.AsSpan(from, end);
            int at = one.IndexOf(mark);
            if (at >= 0 && int.TryParse(one.Slice(at + mark.Length, Math.Min(4, one.Length - at - mark.Length)), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                arrived.Add(number);
                arrived.Add(now);
            }
            from += end + 2;
        }
        buffer.AsSpan(from, length - from).CopyTo(buffer);
        return length - from;
    }
}
