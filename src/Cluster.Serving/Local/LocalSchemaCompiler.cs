using Cluster.Grammar;

namespace Cluster.Serving.Local;

/// <summary>Compiles in this process, over its one cache.</summary>
/// <param name="cache">The process's cache.</param>
/// <param name="statistics">Hears of every compile that was asked for.</param>
public sealed class LocalSchemaCompiler(GrammarCache cache, SchemaStatistics? statistics = null) : ISchemaCompiler
{
    public async ValueTask<CompileResult> CompileAsync(GrammarSpec spec, bool bestEffort, CancellationToken cancellationToken)
    {
        CompileResult result = await cache.GetAsync(spec, bestEffort, cancellationToken).ConfigureAwait(false);
        statistics?.Compiled(spec, result);
        return result;
    }
}
