using System.Net;
using System.Text.Json;
using Cluster.Testing;

namespace Cluster.Host.Tests.Configuration;

/// <summary>Models that are added, replaced, broken and removed while requests run.</summary>
public sealed class CatalogueReloadTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cluster-catalogue");

    public void Dispose() => _folder.Delete(recursive: true);

    private string CopyOfTheModel(string name, Action<string>? change = null) => ModelCopies.Make(_folder, name, change);

    private Task WriteAsync(params object[] models) => ReplaceFileAsync("models.json", JsonSerializer.Serialize(new { models }));

    /// <summary>At once, as an operator's tools do: no reader sees half a file.</summary>
    private async Task ReplaceFileAsync(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);
        await File.WriteAllTextAsync($"{path}.new", text);
        File.Move($"{path}.new", path, overwrite: true);
    }

    private async Task<HostProcess> StartAsync()
    {
        await ReplaceFileAsync("appsettings.json", """{"Cluster":{"ReloadInterval":"00:00:00.2","Resume":{"ReplicaWaitMax":"00:00:00.2"},"Local":{"QuietMin":"00:00:00.3"}},"Logging":{"LogLevel":{"Default":"Information"}}}""");
        var host = new HostProcess();
        await host.StartAsync(new Dictionary<string, string> { ["CLUSTER_CONFIG"] = _folder.FullName });
        return host;
    }

    private static async Task SaysAsync(HostProcess host, string text)
    {
        for (int i = 0; i < 1_200 && !host.Output.Contains(text, StringComparison.Ordinal); i++) await Task.Delay(50);
        Assert.Contains(text, host.Output, StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(HostProcess host, string model)
    {
        using HttpResponseMessage response = await host.Client.PostAsync(Requests.Chat(Requests.JaneDoe).With("model", model).With("max_tokens", 40).WithSchema(Requests.PersonSchema));
        return (response.StatusCode, await response.JsonAsync());
    }

    private static async Task<JsonElement> ReadinessAsync(HostProcess host)
        => await (await host.Client.GetAsync(new Uri("/health/ready", UriKind.Relative))).JsonAsync();

    private static string? StateOf(JsonElement readiness, string model)
        => readiness.GetProperty("models").EnumerateArray().First(one => one.GetProperty("id").GetString() == model).GetProperty("state").GetString();

    [Fact]
    public async Task AModel_ThatIsReplacedUnderLoad_DropsNoRequest_AndOthersComeAndGo()
    {
        string first = CopyOfTheModel("first");
        string second = CopyOfTheModel("second", ModelCopies.ChangeTemplate);
        await WriteAsync(new { id = "a", path = first, threads = 1 });
        await using HostProcess host = await StartAsync();
        string before = (await AskAsync(host, "a")).Body.GetProperty("system_fingerprint").GetString()!;

        using var stop = new CancellationTokenSource();
        var fingerprints = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        Task[] load = [.. Enumerable.Range(0, 12).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                (HttpStatusCode status, JsonElement body) = await AskAsync(host, "a");
                Assert.True(status == HttpStatusCode.OK, body.ToString());
                fingerprints.AddOrUpdate(body.GetProperty("system_fingerprint").GetString()!, 1, (_, count) => count + 1);
            }
        }))];
        await UntilAsync(() => fingerprints.GetValueOrDefault(before) >= 12);

        await WriteAsync(new { id = "a", path = second, threads = 1 }, new { id = "b", path = first, threads = 1 });
        await SaysAsync(host, "Models added: b; changed: a; removed: none.");
        await UntilAsync(() => fingerprints.Any(one => one.Key != before && one.Value >= 24));
        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.Equal(2, fingerprints.Count);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "b")).Status);

        // The old version goes when its last request has ended.
        await UntilAsync(async () => (await ReadinessAsync(host)).GetProperty("models")[0].GetProperty("replicas").GetInt32() == 1);
        await SaysAsync(host, "The engine of a is draining.");

        // Removed, and a change of nothing but sampling, which opens nothing.
        await WriteAsync(new { id = "a", path = second, threads = 1, sampling = new { temperature = 0 } });
        await SaysAsync(host, "Models added: none; changed: a; removed: b.");
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(host, "b")).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "a")).Status);
        Assert.Equal(2, host.Output.Split("loaded a/").Length - 1);
        string metrics = await host.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Contains("cluster_replicas_ready{model_name=\"a\"} 1", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("model_name=\"b\",state", metrics, StringComparison.Ordinal);
        Assert.Contains("cluster_retire_cut_total 0", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AModel_ThatCannotBeLoaded_TakesNobodyWithIt()
    {
        string good = CopyOfTheModel("good");
        string broken = CopyOfTheModel("broken", copy =>
        {
            // Whole by its outer form, so that only loading the weights finds it.
            string weights = Directory.EnumerateFiles(copy, "*.onnx").First();
            byte[] bytes = File.ReadAllBytes(weights);
            int at = bytes.AsSpan().IndexOf("MatMul"u8);
            Assert.True(at > 0, "no operator to break");
            "NatMul"u8.CopyTo(bytes.AsSpan(at));
            File.WriteAllBytes(weights, bytes);
        });
        await WriteAsync(new { id = "broken", path = broken, threads = 1 }, new { id = "good", path = good, threads = 1 });
        await using HostProcess host = await StartAsync();
        Assert.Contains("could not load: Model 'broken' (broken/0)", host.Output, StringComparison.Ordinal);
        using (HttpResponseMessage ready = await host.Client.GetAsync(new Uri("/health/ready", UriKind.Relative)))
        {
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
            JsonElement body = await ready.JsonAsync();
            Assert.Equal(("failed", "ready"), (StateOf(body, "broken"), StateOf(body, "good")));
        }
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "good")).Status);
        (HttpStatusCode status, JsonElement error) = await AskAsync(host, "broken");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "no_replica"), (status, error.GetProperty("error").GetProperty("code").GetString()));
        Assert.Contains("cluster_model_state{model_name=\"broken\",state=\"failed\"} 1", await host.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative)), StringComparison.Ordinal);

        // A good model whose new version is broken stays as it was; an entry that cannot even be read changes nothing.
        await WriteAsync(new { id = "good", path = broken, threads = 1 });
        await SaysAsync(host, "Not loaded, what was in force stays: Model 'good' (good/");
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "good")).Status);
        await WriteAsync(new { id = "good", path = Path.Combine(_folder.FullName, "nowhere"), threads = 1 });
        await SaysAsync(host, "nowhere' does not exist");
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "good")).Status);
    }

    [Fact]
    public async Task AModel_ThatIsReplacedManyTimes_LeavesNoMemoryBehind()
    {
        const int Rounds = 20, MebibytesMax = 90; // What the C library kept of each, when it was not told to return it: some 15 MiB a round.
        string model = CopyOfTheModel("model");
        await WriteAsync(new { id = "a", path = model, threads = 1, slots = 4 });
        await using HostProcess host = await StartAsync();
        var memory = new List<double>();
        for (int round = 1; round <= Rounds; round++)
        {
            await WriteAsync(new { id = "a", path = model, threads = 1, slots = 4 + (round % 2) });
            await UntilAsync(() => host.Output.Split("changed: a").Length - 1 == round);
            await UntilAsync(async () => (await ReadinessAsync(host)).GetProperty("models")[0].GetProperty("replicas").GetInt32() == 1);
            string metrics = await host.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
            memory.Add(double.Parse(metrics.Split("\ncluster_process_memory_bytes ")[1].Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture) / (1 << 20));
        }
        double before = memory.Skip(4).Take(4).Min(), after = memory.TakeLast(4).Min();
        Assert.True(after < before + MebibytesMax, $"{before:0} MiB, then {after:0}: {string.Join(' ', memory.Select(one => $"{one:0}"))}");
    }

    private static Task UntilAsync(Func<bool> condition) => Eventually.HoldsAsync(condition, withinMs: 60_000);

    private static Task UntilAsync(Func<Task<bool>> condition) => Eventually.HoldsAsync(condition, withinMs: 60_000);
}
