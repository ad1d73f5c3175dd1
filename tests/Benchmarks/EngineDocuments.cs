using Cluster.Grammar;

namespace Cluster.Benchmarks;

/// <summary>The one place that knows how documents for <c>$ref</c> are registered with the engine.</summary>
internal static class EngineDocuments
{
    public static CompileResult Compile(GrammarSpec spec, IReadOnlyDictionary<string, string> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        return GrammarCompiler.Compile(spec);
    }
}
