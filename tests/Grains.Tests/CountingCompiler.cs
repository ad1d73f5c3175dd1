using System.Collections.Concurrent;
using Cluster.Grammar;
using Cluster.Serving;

namespace Cluster.Grains.Tests;

/// <summary>Compiles anything, at once, and keeps count; a source that says <c>refuse</c> is refused.</summary>
public sealed class CountingCompiler : ISchemaCompiler
{
    public ConcurrentQueue<string> Compiled { get; } = new();

    public ValueTask<CompileResult> CompileAsync(GrammarSpec spec, bool bestEffort, CancellationToken cancellationToken)
    {
        if (spec.Text == "refuse")
            return new(new CompileResult(null, [new SchemaRejection(SchemaRejectionKind.UnsupportedKeyword, "/a", "not", "Cannot be enforced.")]));
        Compiled.Enqueue(spec.Text);
        return new(GrammarCompiler.Compile(new GrammarSpec(GrammarKind.JsonSchema, $"{{\"const\":\"{spec.Text}\"}}", spec.Options)));
    }
}
