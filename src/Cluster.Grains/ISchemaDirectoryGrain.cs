using Cluster.Serving.Fleet;
using Orleans.Concurrency;

namespace Cluster.Grains;

/// <summary>The cluster's most recently used schemas; one grain, key 0.</summary>
[Alias("cluster.ISchemaDirectoryGrain")]
public interface ISchemaDirectoryGrain : IGrainWithIntegerKey
{
    [Alias("remember")]
    Task RememberAsync(KnownSchema schema);

    /// <summary>The latest first.</summary>
    [Alias("list"), ReadOnly]
    Task<KnownSchema[]> ListAsync();
}

/// <summary>What is kept of the schemas over restarts.</summary>
[GenerateSerializer, Alias("cluster.schema-directory")]
public sealed class SchemaDirectoryState
{
    [Id(0)] public KnownSchema[] Schemas { get; set; } = [];
}
