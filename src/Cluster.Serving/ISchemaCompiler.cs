using Cluster.Grammar;

namespace Cluster.Serving;

/// <summary>Compiles each source at most once at a time and keeps the results in a byte-bounded cache.</summary>
public interface ISchemaCompiler
{
    /// <summary>The compiled grammar or why it was refused; concurrent calls with the same source share one compile.</summary>
    ValueTask<CompileResult> CompileAsync(GrammarSpec spec, bool bestEffort, CancellationToken cancellationToken);
}
