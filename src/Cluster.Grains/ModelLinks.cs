using Cluster.Serving.Fleet;
using Microsoft.Extensions.Options;

namespace Cluster.Grains;

/// <summary>
/// A silo's links to the models' grains, one for each model that it runs and one for each that its edge routes. They come and go with the models:
/// a silo with devices reports what it offers and runs, an edge tells what it needs and keeps its routing table fresh.
/// </summary>
public sealed partial class ModelLinks(
    ClusterModels models, ReplicaHost host, RoutedReplicaDirectory directory, IGrainFactory grains, SiloStop stop, IOptions<FleetOptions> options, TimeProvider time, ILogger<ModelLinks> logger)
{
    private readonly Dictionary<(string Model, bool IsRouted), Task> _links = [];

    /// <summary>Until the silo stops.</summary>
    /// <param name="warm">Ends when the silo may take traffic.</param>
    public async Task RunAsync(Task warm)
    {
        while (!stop.Token.IsCancellationRequested)
        {
            foreach (var ended in _links.Where(link => link.Value.IsCompleted).Select(link => link.Key).ToList()) _links.Remove(ended);
            foreach (string model in models.Hosted) Begin((model, false), () => OfferAsync(model, warm));
            foreach (string model in models.Routed) Begin((model, true), () => RouteAsync(model));
            await DelayAsync();
        }
        await Task.WhenAll(_links.Values);
    }

    /// <summary>One report to every model that this silo runs.</summary>
    public Task ReportAsync() => Task.WhenAll(models.Hosted.Select(ReportAsync));

    /// <summary>A goodbye to every model.</summary>
    public Task LeaveAsync() => Task.WhenAll(models.All.Select(model => GrainOf(model).LeaveAsync(host.Silo)));

    private void Begin((string, bool) key, Func<Task> link)
    {
        if (!_links.ContainsKey(key)) _links.Add(key, link());
    }

    private async Task OfferAsync(string model, Task warm)
    {
        await warm.ConfigureAwait(false);
        await RepeatAsync(() => models.Hosted.Contains(model), () => ReportAsync(model));
        if (!stop.Token.IsCancellationRequested) await TryAsync(() => ReportAsync(model)); // The last replica is gone, and the grain is to know.
    }

    private async Task RouteAsync(string model)
    {
        using var removed = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        var watching = RepeatAsync(() => !removed.IsCancellationRequested, async () =>
        {
            await foreach (var table in GrainOf(model).WatchAsync(removed.Token)) directory.Apply(table);
        });
        await RepeatAsync(() => models.Routed.Contains(model), () => GrainOf(model).NeedAsync(host.Silo, models.NeededOf(model)));
        await removed.CancelAsync();
        await watching;
        if (stop.Token.IsCancellationRequested) return;
        directory.Forget(model);
        await TryAsync(() => GrainOf(model).NeedAsync(host.Silo, []));
    }

    private Task ReportAsync(string model) => GrainOf(model).ReportAsync(host.Report());

    private IModelGrain GrainOf(string model) => grains.GetGrain<IModelGrain>(model);

    private async Task RepeatAsync(Func<bool> goesOn, Func<Task> once)
    {
        while (!stop.Token.IsCancellationRequested && goesOn())
        {
            await TryAsync(once).ConfigureAwait(false);
            await DelayAsync();
        }
    }

    private async Task TryAsync(Func<Task> once)
    {
        try { await once().ConfigureAwait(false); }
        catch (OperationCanceledException) { /* The model was removed, or the silo stops. */ }
        catch (Exception error) when (!stop.Token.IsCancellationRequested) { LogRetry(logger, error); }
        catch (Exception) { /* The silo stops. */ }
    }

    private async Task DelayAsync()
        => await Task.Delay(TimeSpan.FromMilliseconds(options.Value.ReportMs), time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(1, LogLevel.Warning, "The model's grain could not be reached; trying again")]
    private static partial void LogRetry(ILogger logger, Exception error);
}
