using Cluster.Grains.Placement;
using Cluster.Serving.Fleet;
using Orleans.Concurrency;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Cluster.Grains;

/// <summary>Asks the grains that know, and puts their answers together.</summary>
[Reentrant]
public sealed class ClusterAdminGrain(ISiloStatusOracle membership, ISiloMetadataCache metadata, ClusterModels catalogue) : Grain, IClusterAdminGrain
{
    public async Task<ClusterSnapshot> GetSnapshotAsync(string[] models)
    {
        if (models.Length == 0) models = [.. catalogue.All];
        var tables = await Task.WhenAll(models.Select(model => GrainFactory.GetGrain<IModelGrain>(model).GetTableAsync()));
        var emptied = (await Task.WhenAll(models.Select(model => GrainFactory.GetGrain<IModelGrain>(model).GetEmptiedAsync()))).SelectMany(silos => silos).ToHashSet();
        var schemas = await GrainFactory.GetGrain<ISchemaDirectoryGrain>(0).ListAsync();
        return new ClusterSnapshot
        {
            Silos = [.. membership.GetApproximateSiloStatuses(onlyActive: false).Select(silo => new SiloSnapshot
            {
                Silo = silo.Key.ToParsableString(), Status = silo.Value.ToString(),
                Role = metadata.GetSiloMetadata(silo.Key).Metadata.GetValueOrDefault(SiloRole.Key) ?? "",
                IsEmptied = emptied.Contains(silo.Key.ToParsableString()),
            })],
            Replicas = [.. tables.SelectMany(table => table.Replicas)],
            KnownSchemas = schemas.Length,
        };
    }

    public Task ScaleAsync(string model, int replicas) => GrainFactory.GetGrain<IModelGrain>(model).ScaleAsync(replicas);

    public Task DrainSiloAsync(string silo) => EmptyAsync(silo, isEmptied: true);

    public Task ResumeSiloAsync(string silo) => EmptyAsync(silo, isEmptied: false);

    private Task EmptyAsync(string silo, bool isEmptied)
        => Task.WhenAll(catalogue.All.Select(model => GrainFactory.GetGrain<IModelGrain>(model).EmptyAsync(silo, isEmptied)));

    public Task DrainAsync(string replicaId) => GrainFactory.GetGrain<IModelGrain>(ReplicaHost.ModelOf(replicaId)).ReplaceAsync(replicaId);
}
