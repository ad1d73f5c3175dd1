using Cluster.Serving.Fleet;
using Microsoft.Extensions.Options;

namespace Cluster.Grains;

/// <summary>
/// A silo's life in the cluster. It compiles the cluster's hot schemas first, then keeps its <see cref="ModelLinks"/>. When the silo stops, this is the first to act: sequences are handed over while the network still works, then the devices are freed.
/// </summary>
public sealed partial class SiloAgent(
    ModelLinks links, ReplicaHost host, ReplicaPulse pulse, SharedSchemaCompiler schemas, IGrainFactory grains, SiloStop stop,
    IOptions<FleetOptions> options, ILogger<SiloAgent> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    private readonly List<Task> _loops = [];

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe<SiloAgent>(ServiceLifecycleStage.Active, StartAsync, StopAsync);

    private Task StartAsync(CancellationToken cancellationToken)
    {
        var warm = Task.Run(WarmAsync, CancellationToken.None);
        _loops.Add(links.RunAsync(warm));
        _loops.Add(pulse.RunAsync(stop.Token));
        return Task.CompletedTask;
    }

    // 1. Refuse and hand over. 2. Say so, so that edges stop choosing this silo. 3. Wait for the last stream. 4. Free the devices. 5. Leave.
    private async Task StopAsync(CancellationToken cancellationToken)
    {
        var drained = host.DrainAsync(cancellationToken);
        await links.ReportAsync().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        LogDrained(logger, await drained);
        await stop.BeginAsync();
        await host.DisposeAsync();
        await links.LeaveAsync().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_loops);
    }

    private async Task WarmAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        limit.CancelAfter(options.Value.WarmMs);
        try { LogWarm(logger, await schemas.WarmAsync(await grains.GetGrain<ISchemaDirectoryGrain>(0).ListAsync().WaitAsync(limit.Token), limit.Token)); }
        catch (Exception error) { LogCold(logger, error); }
    }
}
