using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Cluster.Testing;

namespace Cluster.Host.Tests.Cluster;

/// <summary>Models that are added, replaced and removed in a cluster of real processes while requests run.</summary>
public sealed class SiloReloadTests(SiloProcesses silos) : IClassFixture<SiloProcesses>
{
    private const int Clients = 6, PerVersion = 12;

    [Fact]
    public async Task AModel_ThatIsReplacedUnderLoad_DropsNoRequest_AndOthersComeAndGo()
    {
        Assert.SkipUnless(SiloProcesses.WhyNot is null, SiloProcesses.WhyNot ?? "");
        string first = ModelCopies.Make(silos.Folder, "first"), second = ModelCopies.Make(silos.Folder, "second", ModelCopies.ChangeTemplate);
        double versions = await SiloProcesses.MetricAsync(silos.Edge, "cluster_routing_versions_total");
        using var stop = new CancellationTokenSource();
        var answers = new ConcurrentDictionary<string, int>();
        var failures = new ConcurrentQueue<string>();
        Task[] load = [.. Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                (HttpStatusCode status, JsonElement body) = await AskAsync(SiloProcesses.ModelId);
                if (status == HttpStatusCode.OK) answers.AddOrUpdate(body.GetProperty("system_fingerprint").GetString()!, 1, (_, count) => count + 1);
                else failures.Enqueue(body.ToString());
            }
        }))];
        string old = "";
        await UntilAsync(() => answers.Any(answer => answer.Value >= PerVersion));
        old = Assert.Single(answers).Key;

        // One more, and another version of the one that is used.
        await silos.WriteModelsAsync(SiloProcesses.Entry(SiloProcesses.ModelId, second), SiloProcesses.Entry("b", first));
        await UntilAsync(() => answers.Any(answer => answer.Key != old && answer.Value >= PerVersion));
        await UntilAsync(async () => (await AskAsync("b")).Status == HttpStatusCode.OK);

        // One less; the other goes on.
        await silos.WriteModelsAsync(SiloProcesses.Entry(SiloProcesses.ModelId, second));
        await UntilAsync(async () => (await AskAsync("b")).Status == HttpStatusCode.NotFound);
        int before = answers.Values.Sum();
        await UntilAsync(() => answers.Values.Sum() >= before + PerVersion);
        await stop.CancelAsync();
        await Task.WhenAll(load);

        Assert.Empty(failures);
        Assert.Equal(2, answers.Count);
        Assert.True(await SiloProcesses.MetricAsync(silos.Edge, "cluster_routing_versions_total") > versions);
        foreach (HostProcess silo in (HostProcess[])[silos.Edge, .. silos.Replicas])
        {
            Assert.Equal(0, await SiloProcesses.MetricAsync(silo, "cluster_retire_cut_total"));
            await UntilAsync(async () => await SiloProcesses.MetricAsync(silo, "cluster_replicas_retiring") == 0);
        }
        await UntilAsync(async () => await SiloProcesses.MetricAsync(silos.Edge, $"cluster_replicas_ready{{model_name=\"{SiloProcesses.ModelId}\"") == 2);
        Assert.Equal(0, await SiloProcesses.MetricAsync(silos.Edge, "cluster_replicas_ready{model_name=\"b\""));
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(string model)
    {
        using HttpResponseMessage response = await silos.Edge.Client.PostAsync(Requests.Chat(Requests.JaneDoe).With("model", model).With("max_tokens", 40).WithSchema(Requests.PersonSchema));
        return (response.StatusCode, await response.JsonAsync());
    }

    private Task UntilAsync(Func<bool> condition) => Eventually.HoldsAsync(condition, withinMs: 180_000, () => silos.Outputs);

    private Task UntilAsync(Func<Task<bool>> condition) => Eventually.HoldsAsync(condition, withinMs: 180_000, () => silos.Outputs);
}
