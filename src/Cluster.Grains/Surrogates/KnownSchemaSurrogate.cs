using Cluster.Grammar;
using Cluster.Serving.Fleet;

namespace Cluster.Grains.Surrogates;

/// <summary><see cref="KnownSchema"/> as it crosses silos and is kept.</summary>
[GenerateSerializer, Alias("cluster.known-schema"), Immutable]
public struct KnownSchemaSurrogate
{
    [Id(0)] public string Hash;
    [Id(1)] public GrammarSpec Spec;
    [Id(2)] public bool BestEffort;
}

[RegisterConverter]
public sealed class KnownSchemaConverter : IConverter<KnownSchema, KnownSchemaSurrogate>
{
    public KnownSchema ConvertFromSurrogate(in KnownSchemaSurrogate surrogate) => new(surrogate.Hash, surrogate.Spec, surrogate.BestEffort);

    public KnownSchemaSurrogate ConvertToSurrogate(in KnownSchema value) => new() { Hash = value.Hash, Spec = value.Spec, BestEffort = value.BestEffort };
}
