using System.Collections.Immutable;
using Cluster.Grammar;

namespace Cluster.Serving.Fleet;

/// <summary>A schema that the cluster has compiled: what a new silo compiles before it takes traffic.</summary>
public sealed record KnownSchema(string Hash, GrammarSpec Spec, bool BestEffort);

/// <summary>The most recently used schemas of a cluster, the latest first, bounded in number and size. An immutable value.</summary>
public sealed record SchemaShelf(ImmutableArray<KnownSchema> Schemas)
{
    /// <summary>Characters of all sources together.</summary>
    public const int CharactersMax = 1 << 20;

    public static SchemaShelf Empty { get; } = new(ImmutableArray<KnownSchema>.Empty);

    /// <summary>The shelf with this schema in front; what exceeds the bounds falls off the end. The same shelf where nothing changes.</summary>
    public SchemaShelf With(KnownSchema schema, int schemasMax)
    {
        if (!Schemas.IsEmpty && Schemas[0].Hash == schema.Hash && Schemas[0].BestEffort == schema.BestEffort) return this;
        var next = ImmutableArray.CreateBuilder<KnownSchema>();
        int characters = 0;
        foreach (var one in Schemas.Where(old => old.Hash != schema.Hash || old.BestEffort != schema.BestEffort).Prepend(schema))
        {
            characters += one.Spec.Text.Length;
            if (next.Count == schemasMax || characters > CharactersMax) break;
            next.Add(one);
        }
        return new SchemaShelf(next.ToImmutable());
    }
}
