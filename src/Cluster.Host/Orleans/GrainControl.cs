using Cluster.Grains;
using Cluster.Grains.Placement;
using Cluster.Serving;

namespace Cluster.Host;

/// <summary>The admin pages' door to the cluster's admin grain.</summary>
public sealed class GrainControl(IGrainFactory grains, IModelCatalogue catalogue) : IClusterControl
{
    private IClusterAdminGrain Admin => grains.GetGrain<IClusterAdminGrain>(0);

    public async Task<IReadOnlyList<SiloState>> GetSilosAsync(CancellationToken cancellationToken)
        => [.. (await Admin.GetSnapshotAsync([]).WaitAsync(cancellationToken)).Silos.Select(silo => new SiloState(silo.Silo, silo.Role, silo.Status, silo.IsEmptied))];

    public Task ScaleAsync(string modelId, int replicas, CancellationToken cancellationToken)
    {
        if (catalogue.Find(modelId) is null) throw new ClusterControlException($"There is no model '{modelId}'.");
        if (replicas < 0) throw new ClusterControlException("The number of replicas is not negative.");
        return Admin.ScaleAsync(modelId, replicas).WaitAsync(cancellationToken);
    }

    public async Task ReplaceAsync(string replicaId, CancellationToken cancellationToken)
    {
        ReplicaSnapshot[] known = (await Admin.GetSnapshotAsync([]).WaitAsync(cancellationToken)).Replicas;
        if (known.All(replica => replica.Id != replicaId)) throw new ClusterControlException($"There is no replica '{replicaId}'.");
        await Admin.DrainAsync(replicaId).WaitAsync(cancellationToken);
    }

    public Task DrainAsync(string silo, CancellationToken cancellationToken) => ChangeAsync(silo, (admin, known) => admin.DrainSiloAsync(known), cancellationToken);

    public Task ResumeAsync(string silo, CancellationToken cancellationToken) => ChangeAsync(silo, (admin, known) => admin.ResumeSiloAsync(known), cancellationToken);

    private async Task ChangeAsync(string silo, Func<IClusterAdminGrain, string, Task> change, CancellationToken cancellationToken)
    {
        SiloSnapshot known = (await Admin.GetSnapshotAsync([]).WaitAsync(cancellationToken)).Silos.FirstOrDefault(one => one.Silo == silo)
            ?? throw new ClusterControlException($"There is no silo '{silo}'.");
        if (known.Role == SiloRole.Edge) throw new ClusterControlException("An edge has no replicas; take it out of the load balancer instead.");
        await change(Admin, silo).WaitAsync(cancellationToken);
    }
}
