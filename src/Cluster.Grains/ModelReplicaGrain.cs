using System.Runtime.CompilerServices;
using Cluster.Decoding;
using Cluster.Grains.Placement;
using Cluster.Serving;
using Cluster.Serving.Fleet;
using Orleans.Concurrency;
using Orleans.GrainDirectory;
using Orleans.Placement;

namespace Cluster.Grains;

/// <summary>
/// Lifetime and address of one replica; the replica itself is a <see cref="HostedReplica"/>, whose engine runs on its own thread.
/// </summary>
/// <remarks>Loading never blocks a turn: the activation takes the device, the load runs in the background.</remarks>
[Reentrant, Immovable, FreeDevicePlacement, CollectionAgeLimit(AlwaysActive = true), GrainDirectory(ClusterGrains.Directory)]
public sealed class ModelReplicaGrain(ReplicaHost host) : Grain, IModelReplicaGrain
{
    private HostedReplica? _replica;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
        => _replica is null ? Task.CompletedTask : host.CloseAsync(this.GetPrimaryKeyString());

    // The planner's word alone opens a replica: the pulse of an edge that has not heard of its end would open it again wherever a device is free.
    public Task<ReplicaSnapshot> StartAsync()
    {
        try { _replica ??= host.Open(this.GetPrimaryKeyString()); }
        catch (NoFreeDeviceException) { DeactivateOnIdle(); throw; }
        return GetSnapshotAsync();
    }

    public Task<ReplicaSnapshot> GetSnapshotAsync() => Task.FromResult(Replica.Snapshot);

    // An own iterator, not the replica's enumerable handed through: only an iterator of the grain sees its token fire.
    public async IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var delta in Replica.GenerateAsync(journal, cancellationToken)) yield return delta;
    }

    public async IAsyncEnumerable<SequenceDelta> LinkAsync(string link, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var delta in Replica.Links.OpenAsync(link, cancellationToken)) yield return delta;
    }

    public Task BeginAsync(string link, SequenceJournal journal) => Do(() => Replica.Links.Begin(link, journal));

    public Task LeaveAsync(string link, string requestId, int choice, int attempt) => Do(() => Replica.Links.Leave(link, new SequenceKey(requestId, choice, attempt)));

    private HostedReplica Replica
    {
        get
        {
            if (_replica is not null) return _replica;
            DeactivateOnIdle();
            throw new NoFreeDeviceException($"{this.GetPrimaryKeyString()} was not started here");
        }
    }

    public Task RetireAsync()
    {
        FinishAsync().Ignore(); // It may take as long as the longest request, and a call may not.
        return Task.CompletedTask;

        async Task FinishAsync()
        {
            if (_replica is not null) await host.RetireAsync(_replica, CancellationToken.None);
            DeactivateOnIdle();
        }
    }

    public async Task StopAsync()
    {
        if (_replica is not null) await host.DrainAsync(_replica, CancellationToken.None);
        DeactivateOnIdle();
    }

    private static Task Do(Action action) { action(); return Task.CompletedTask; }
}
