using Cluster.Grammar;

namespace Cluster.Grains;

/// <summary>Warms its silo's grammar cache and says what became of the schema; the automaton itself never crosses a silo.</summary>
[Alias("cluster.ISchemaCompilerGrain")]
public interface ISchemaCompilerGrain : IGrainWithIntegerKey
{
    /// <summary>Compiles, or finds compiled. Bounded by the fuel of the source, so it needs no cancellation.</summary>
    [Alias("compile")]
    Task<SchemaVerdict> CompileAsync(GrammarSpec spec, bool bestEffort);
}

/// <summary>Outcome of a compile.</summary>
[GenerateSerializer, Alias("cluster.schema-verdict"), Immutable]
public sealed record SchemaVerdict
{
    /// <summary>The grammar's hash; null where it was refused.</summary>
    [Id(0)] public string? Hash { get; init; }

    /// <summary>Why it was refused, or what was left out: one line each, beginning with the JSON pointer.</summary>
    [Id(1)] public string[] Rejections { get; init; } = [];

    [Id(2)] public int States { get; init; }

    [Id(3)] public long Bytes { get; init; }

    /// <summary>Fuel spent, in engine operations.</summary>
    [Id(4)] public long Fuel { get; init; }

    /// <summary>Name of the silo whose cache is warm now.</summary>
    [Id(5)] public string Silo { get; init; } = "";
}
