using Cluster.Serving.Fleet;
using Microsoft.Extensions.Options;

namespace Cluster.Grains;

/// <summary>
/// A silo's link to the models' grains. It compiles the cluster's hot schemas first. Then a silo with devices reports what it offers and runs, and an edge
/// keeps its routing tables fresh. When the silo stops, this is the first to act: sequences are handed over while the network still works, then the devices are freed.
/// </summary>
public sealed partial class SiloAgent(
    ClusterModels models, ReplicaHost host, RoutedReplicaDirectory directory, ReplicaPulse pulse, SharedSchemaCompiler schemas, IGrainFactory grains, SiloStop stop,
    IOptions<FleetOptions> options, TimeProvider time, ILogger<SiloAgent> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    private readonly List<Task> _loops = [];

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe<SiloAgent>(ServiceLifecycleStage.Active, StartAsync, StopAsync);

    private Task StartAsync(CancellationToken cancellationToken)
    {
        var warm = Task.Run(WarmAsync, CancellationToken.None);
        foreach (string model in models.Hosted) _loops.Add(Repeat(warm, () => ReportAsync(model)));
        foreach (string model in models.Routed) _loops.Add(Repeat(Task.CompletedTask, () => WatchAsync(model)));
        _loops.Add(pulse.RunAsync(stop.Token));
        return Task.CompletedTask;
    }

    // 1. Refuse and hand over. 2. Say so, so that edges stop choosing this silo. 3. Wait for the last stream. 4. Free the devices. 5. Leave.
    private async Task StopAsync(CancellationToken cancellationToken)
    {
        var drained = host.DrainAsync(cancellationToken);
        await Task.WhenAll(models.Hosted.Select(ReportAsync)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        LogDrained(logger, await drained);
        await stop.BeginAsync();
        await host.DisposeAsync();
        await Task.WhenAll(models.Hosted.Select(model => grains.GetGrain<IModelGrain>(model).LeaveAsync(host.Silo)))
            .WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_loops);
    }

    private async Task WarmAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        limit.CancelAfter(options.Value.WarmMs);
        try { LogWarm(logger, await schemas.WarmAsync(await grains.GetGrain<ISchemaDirectoryGrain>(0).ListAsync().WaitAsync(limit.Token), limit.Token)); }
        catch (Exception error) { LogCold(logger, error); }
    }

    private Task ReportAsync(string model) => grains.GetGrain<IModelGrain>(model).ReportAsync(host.Report());

    private async Task WatchAsync(string model)
    {
        await foreach (var table in grains.GetGrain<IModelGrain>(model).WatchAsync(stop.Token)) directory.Apply(table);
    }

    private async Task Repeat(Task first, Func<Task> once)
    {
        await first.ConfigureAwait(false);
        while (!stop.Token.IsCancellationRequested)
        {
            try { await once(); }
            catch (Exception error) when (!stop.Token.IsCancellationRequested) { LogRetry(logger, error); }
            catch (Exception) { return; }
            await Task.Delay(TimeSpan.FromMilliseconds(options.Value.ReportMs), time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

/// <summary>Which models this silo has on its devices, which its edge routes to, and all of the catalogue.</summary>
public sealed record ClusterModels(IReadOnlyList<string> Hosted, IReadOnlyList<string> Routed, IReadOnlyList<string> All);
