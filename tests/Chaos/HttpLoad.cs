using System.Collections.Concurrent;
using System.Text;

namespace Cluster.Chaos;

/// <summary>Keeps a number of seeded streams running as clients do: over HTTP, from the edge process.</summary>
public sealed class HttpLoad(ChatBodies bodies, Uri edge, EdgeLog log, ChaosOptions options, string folder) : IStreamLoad
{
    private readonly ConcurrentBag<HttpStream> _streams = [];
    private readonly ConcurrentDictionary<string, HttpStream> _live = new();
    private readonly ConcurrentDictionary<string, int> _reasons = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = 1024 }) { Timeout = Timeout.InfiniteTimeSpan };

    public IReadOnlyCollection<IStreamOutcome> Outcomes => _streams;

    public IReadOnlyDictionary<string, int> Reasons => _reasons;

    public async Task RunAsync(CancellationToken until)
    {
        using var ended = new CancellationTokenSource();
        Task following = log.FollowAsync(OnHandedOver, ended.Token);
        await Task.WhenAll(Enumerable.Range(0, options.Streams).Select(async slot =>
        {
            for (int round = 0; !until.IsCancellationRequested; round++) await RunOneAsync((ulong)(slot + (round * options.Streams)));
        }));
        await ended.CancelAsync();
        await following;
        await new DocumentChecks(folder).CheckAsync(_streams);
    }

    public Task<Comparison> CompareAsync(IChaosModel model) => new Undisturbed((HostReplicas)model, TimeSpan.FromSeconds(options.CompareSeconds)).CompareAsync([.. _streams.Where(stream => stream.IsContinued && stream.IsComplete)]);

    private void OnHandedOver(string requestId, int choice, string reason)
    {
        _reasons.AddOrUpdate(reason, 1, (_, count) => count + 1);
        if (_live.TryGetValue(requestId, out HttpStream? stream)) stream.HandedOver(choice);
    }

    private async Task RunOneAsync(ulong number)
    {
        (string body, int? schema) = bodies.Of(number);
        var stream = new HttpStream(number, body, schema);
        _streams.Add(stream);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(edge, "/v1/chat/completions")) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            stream.RequestId = response.Headers.GetValues("x-request-id").First()["req_".Length..];
            _live[stream.RequestId] = stream;
            if (!response.IsSuccessStatusCode)
            {
                stream.Failure = $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
                await Task.Delay(TimeSpan.FromSeconds(1));
                return;
            }
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            while (await reader.ReadLineAsync() is { } line)
            {
                if (line.StartsWith("data: ", StringComparison.Ordinal)) stream.Take(line[6..]);
            }
            if (!stream.IsComplete) stream.Failure ??= "the stream ended early";
            await Task.Delay(100); // The edge's last word about it may still be on its way.
        }
        catch (Exception error)
        {
            stream.Failure = error.Message;
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
        finally { _live.TryRemove(stream.RequestId, out _); }
    }
}
