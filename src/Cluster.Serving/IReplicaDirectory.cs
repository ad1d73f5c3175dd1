namespace Cluster.Serving;

/// <summary>Which replicas serve a model: a pushed snapshot, read without any call.</summary>
public interface IReplicaDirectory
{
    /// <summary>Replicas of a model in no particular order; empty if none.</summary>
    IReadOnlyList<IReplica> ReplicasOf(string modelId);

    /// <summary>Every replica.</summary>
    IReadOnlyList<IReplica> All { get; }
}
