using System.Collections.Concurrent;
using Cluster.Grammar;

namespace Cluster.Serving.Fleet;

/// <summary>
/// A silo's compiler that tells the cluster once about each schema it compiled, so that new silos can compile it before they take traffic.
/// Telling never delays nor fails a compile.
/// </summary>
public sealed class SharedSchemaCompiler(ISchemaCompiler inner, Func<KnownSchema, Task> remember, FleetOptions options) : ISchemaCompiler
{
    private readonly ConcurrentDictionary<(string Hash, bool BestEffort), bool> _told = new();

    public async ValueTask<CompileResult> CompileAsync(GrammarSpec spec, bool bestEffort, CancellationToken cancellationToken)
    {
        var result = await inner.CompileAsync(spec, bestEffort, cancellationToken).ConfigureAwait(false);
        if (result.Grammar is { } grammar && _told.TryAdd((grammar.Hash, bestEffort), true))
        {
            if (_told.Count > options.SchemasMax) _told.Clear();
            _ = TellAsync(new KnownSchema(grammar.Hash, spec, bestEffort));
        }
        return result;
    }

    /// <summary>Compiles what the cluster knows already, the most recently used first; ends at the first that is not compiled within the token's time.</summary>
    /// <returns>Schemas compiled.</returns>
    public async Task<int> WarmAsync(IReadOnlyList<KnownSchema> known, CancellationToken cancellationToken)
    {
        int compiled = 0;
        foreach (var schema in known)
        {
            if (cancellationToken.IsCancellationRequested) break;
            _told.TryAdd((schema.Hash, schema.BestEffort), true);
            await inner.CompileAsync(schema.Spec, schema.BestEffort, cancellationToken).ConfigureAwait(false);
            compiled++;
        }
        return compiled;
    }

    private async Task TellAsync(KnownSchema schema)
    {
        try { await remember(schema).ConfigureAwait(false); }
        catch (Exception) { _told.TryRemove((schema.Hash, schema.BestEffort), out _); } // The cluster may hear of it at the next request.
    }
}
