using Cluster.Serving.Fleet;
using Microsoft.Extensions.Options;

namespace Cluster.Grains;

/// <summary>Storage of one <see cref="SchemaShelf"/>.</summary>
public sealed class SchemaDirectoryGrain(
    [PersistentState("schemas", ClusterGrains.Storage)] IPersistentState<SchemaDirectoryState> state, IOptions<FleetOptions> options)
    : Grain, ISchemaDirectoryGrain
{
    public Task RememberAsync(KnownSchema schema)
    {
        state.State.Schemas = [.. new SchemaShelf([.. state.State.Schemas]).With(schema, options.Value.SchemasMax).Schemas];
        return state.WriteStateAsync();
    }

    public Task<KnownSchema[]> ListAsync() => Task.FromResult(state.State.Schemas);
}
