using Cluster.Grammar;
using Cluster.Serving;
using Orleans.Concurrency;

namespace Cluster.Grains;

/// <summary>A stateless door to its silo's one grammar cache, which also makes concurrent requests for a schema share one compile.</summary>
[StatelessWorker]
public sealed class SchemaCompilerGrain(ISchemaCompiler compiler, ILocalSiloDetails silo) : Grain, ISchemaCompilerGrain
{
    public async Task<SchemaVerdict> CompileAsync(GrammarSpec spec, bool bestEffort)
    {
        var result = await compiler.CompileAsync(spec, bestEffort, CancellationToken.None);
        return new SchemaVerdict
        {
            Hash = result.Grammar?.Hash,
            Rejections = [.. result.Rejections.Select(rejection => $"{rejection.JsonPointer} {rejection.Keyword}: {rejection.Message}")],
            States = result.Grammar?.Report.States ?? 0, Bytes = result.Grammar?.Bytes ?? 0,
            Fuel = result.Grammar?.Report.Fuel ?? result.Rejections.Sum(rejection => rejection.FuelSpent),
            Silo = silo.Name,
        };
    }
}
