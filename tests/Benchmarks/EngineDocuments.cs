using System.Text;
using Cluster.Grammar;

namespace Cluster.Benchmarks;

/// <summary>The one place that knows how documents for <c>$ref</c> are registered with the engine.</summary>
internal static class EngineDocuments
{
    public static CompileResult Compile(GrammarSpec spec, IReadOnlyDictionary<string, string> documents)
    {
        var remotes = documents.ToDictionary(static x => x.Key, static x => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(x.Value));
        return GrammarCompiler.Compile(spec, remotes: remotes);
    }
}
