namespace Cluster.Serving;

/// <summary>Whether a model can be used now.</summary>
public enum ModelCondition
{
    /// <summary>At least one replica takes its requests.</summary>
    Ready,

    /// <summary>None does yet; at least one is being loaded.</summary>
    Loading,

    /// <summary>Its replicas only finish what they have.</summary>
    Draining,

    /// <summary>Its replicas run another version of it than this process prepares requests for.</summary>
    OtherVersion,

    /// <summary>Its replicas could not be loaded, or were lost.</summary>
    Failed,

    /// <summary>There is no replica.</summary>
    Unloaded,
}

/// <summary>One model of the catalogue as this process can use it.</summary>
/// <param name="Model">Which.</param>
/// <param name="Condition">The best that any of its replicas allows.</param>
/// <param name="Replicas">All that are known.</param>
public sealed record ModelState(ServedModel Model, ModelCondition Condition, IReadOnlyList<ReplicaSnapshot> Replicas)
{
    /// <summary>Replicas that take its requests.</summary>
    public int Ready => Replicas.Count(Takes);

    /// <summary>Why one of its replicas failed; empty where none did.</summary>
    public string Problem => Replicas.FirstOrDefault(replica => replica.Problem.Length > 0)?.Problem ?? "";

    public static ModelState Of(ServedModel model, IReplicaDirectory replicas)
    {
        ReplicaSnapshot[] all = [.. replicas.ReplicasOf(model.Id).Select(replica => replica.Snapshot)];
        var state = new ModelState(model, ModelCondition.Unloaded, all);
        return state with { Condition = state.Ready > 0 ? ModelCondition.Ready : ConditionOf(all) };
    }

    private static ModelCondition ConditionOf(ReplicaSnapshot[] replicas)
    {
        if (replicas.Length == 0) return ModelCondition.Unloaded;
        if (Any(ReplicaHealth.Loading)) return ModelCondition.Loading;
        if (Any(ReplicaHealth.Ready)) return ModelCondition.OtherVersion;
        return Any(ReplicaHealth.Draining) ? ModelCondition.Draining : ModelCondition.Failed;

        bool Any(ReplicaHealth health) => replicas.Any(replica => replica.Health == health);
    }

    private bool Takes(ReplicaSnapshot replica) => replica.Health == ReplicaHealth.Ready && replica.Runs(Model.Fingerprint);
}
