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

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _replica = host.Open(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
        => host.CloseAsync(this.GetPrimaryKeyString());

    public Task<ReplicaSnapshot> StartAsync() => GetSnapshotAsync();

    public Task<ReplicaSnapshot> GetSnapshotAsync() => Task.FromResult(_replica!.Snapshot);

    // An own iterator, not the replica's enumerable handed through: only an iterator of the grain sees its token fire.
    public async IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var delta in _replica!.GenerateAsync(journal, cancellationToken)) yield return delta;
    }

    public Task RetireAsync()
    {
        FinishAsync().Ignore(); // It may take as long as the longest request, and a call may not.
        return Task.CompletedTask;

        async Task FinishAsync()
        {
            await host.RetireAsync(_replica!, CancellationToken.None);
            DeactivateOnIdle();
        }
    }

    public async Task StopAsync()
    {
        await host.DrainAsync(_replica!, CancellationToken.None);
        DeactivateOnIdle();
    }
}
