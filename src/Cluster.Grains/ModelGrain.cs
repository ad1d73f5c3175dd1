using System.Runtime.CompilerServices;
using Cluster.Serving.Fleet;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.GrainDirectory;
using Orleans.Runtime.Placement;

namespace Cluster.Grains;

/// <summary>Clock, storage and messenger of one <see cref="ModelFleet"/>, which does the thinking.</summary>
[Reentrant, CollectionAgeLimit(AlwaysActive = true), GrainDirectory(ClusterGrains.Directory)]
public sealed partial class ModelGrain(
    [PersistentState("target", ClusterGrains.Storage)] IPersistentState<ModelTarget> target,
    ISiloStatusOracle membership, IOptions<FleetOptions> options, SiloStop stop, TimeProvider time, ILogger<ModelGrain> logger) : Grain, IModelGrain
{
    private ModelFleet _fleet = null!;
    private IDisposable? _closing;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // The clock makes a later activation's tables win over an earlier one's at the edges, also where storage was lost.
        _fleet = new ModelFleet(this.GetPrimaryKeyString(), time.GetUtcNow().Ticks, options.Value, time);
        _fleet.Desired = target.State.Replicas ?? _fleet.Desired;
        foreach (string silo in target.State.Emptied) _fleet.Empty(silo, isEmptied: true);
        _closing = stop.Token.Register(_fleet.Close); // An activation does not end while somebody watches it.
        var period = TimeSpan.FromMilliseconds(options.Value.ReconcileMs);
        this.RegisterGrainTimer(Reconcile, new GrainTimerCreationOptions(period, period) { Interleave = true });
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Do(() => _closing?.Dispose());

    public Task ReportAsync(SiloReport report) => Do(() => _fleet.Accept(report));

    public Task NeedAsync(string silo, string[] fingerprints) => Do(() => _fleet.Need(silo, fingerprints));

    public Task LeaveAsync(string silo) => Do(() => _fleet.Leave(silo));

    public Task<RoutingTable> GetTableAsync() => Task.FromResult(_fleet.Table);

    public async IAsyncEnumerable<RoutingTable> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var table in _fleet.WatchAsync(cancellationToken)) yield return table;
    }

    public Task ScaleAsync(int replicas)
    {
        _fleet.Desired = replicas;
        target.State.Replicas = replicas;
        return target.WriteStateAsync();
    }

    public Task EmptyAsync(string silo, bool isEmptied)
    {
        _fleet.Empty(silo, isEmptied);
        target.State.Emptied = [.. _fleet.Emptied];
        return target.WriteStateAsync();
    }

    public Task<string[]> GetEmptiedAsync() => Task.FromResult<string[]>([.. _fleet.Emptied]);

    public Task ReplaceAsync(string replicaId) => GrainFactory.GetGrain<IModelReplicaGrain>(replicaId).StopAsync();

    private Task Reconcile(CancellationToken cancellationToken)
    {
        foreach (string silo in _fleet.Silos.Where(silo => membership.IsDeadSilo(SiloAddress.FromParsableString(silo)))) _fleet.Leave(silo);
        // Not awaited: a call to a silo that hangs must not hold up the others. Interleaving calls end on this grain's turns.
        foreach (var action in _fleet.Plan()) CarryOut(action).Ignore();
        return Task.CompletedTask;
    }

    private async Task CarryOut(FleetAction action)
    {
        LogAction(logger, action);
        var replica = GrainFactory.GetGrain<IModelReplicaGrain>(action.ReplicaId);
        try
        {
            RequestContext.Set(IPlacementDirector.PlacementHintKey, SiloAddress.FromParsableString(action.Silo));
            await (action switch { FleetAction.Start => replica.StartAsync(), FleetAction.Retire => replica.RetireAsync(), _ => replica.StopAsync() });
        }
        catch (Exception error)
        {
            LogRefused(logger, error, action);
            _fleet.Refused(action);
        }
        finally { RequestContext.Clear(); }
    }

    private static Task Do(Action action) { action(); return Task.CompletedTask; }
}
