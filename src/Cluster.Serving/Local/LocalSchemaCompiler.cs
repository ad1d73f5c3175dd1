using Cluster.Grammar;

namespace Cluster.Serving.Local;

/// <summary>Compiles in this process, over its one cache.</summary>
public sealed class LocalSchemaCompiler(GrammarCache cache) : ISchemaCompiler
{
    public ValueTask<CompileResult> CompileAsync(GrammarSpec spec, bool bestEffort, CancellationToken cancellationToken)
        => new(cache.GetAsync(spec, bestEffort, cancellationToken));
}
