namespace Cluster.Serving;

/// <summary>What an administrator may change while the cluster runs. Each call ends when the change is accepted or done; streams are moved or waited for, never cut, within their bounds.</summary>
public interface IClusterControl
{
    /// <summary>The processes that carry replicas or requests.</summary>
    Task<IReadOnlyList<SiloState>> GetSilosAsync(CancellationToken cancellationToken);

    /// <summary>Wants this many replicas of the model from now on; 0 unloads it.</summary>
    /// <exception cref="ClusterControlException">There is no such model, or it cannot have so many.</exception>
    Task ScaleAsync(string modelId, int replicas, CancellationToken cancellationToken);

    /// <summary>Another replica takes this one's place; its sequences move.</summary>
    /// <exception cref="ClusterControlException">There is no such replica, or no other could be opened.</exception>
    Task ReplaceAsync(string replicaId, CancellationToken cancellationToken);

    /// <summary>No sequences on the silo from now on; running ones move, or end where there is nowhere to go.</summary>
    /// <exception cref="ClusterControlException">There is no such silo.</exception>
    Task DrainAsync(string silo, CancellationToken cancellationToken);

    /// <summary>Undoes <see cref="DrainAsync"/>.</summary>
    /// <exception cref="ClusterControlException">There is no such silo.</exception>
    Task ResumeAsync(string silo, CancellationToken cancellationToken);
}

/// <summary>One process of the cluster.</summary>
/// <param name="Silo">As in <see cref="ReplicaSnapshot.Silo"/>.</param>
/// <param name="Role">What it does: edge, replica, or both.</param>
/// <param name="Status">For example <c>Active</c>.</param>
/// <param name="IsDrained">An administrator wants no sequences on it.</param>
public sealed record SiloState(string Silo, string Role, string Status, bool IsDrained);

/// <summary>What was asked for cannot be done; the message says why, for the administrator.</summary>
public sealed class ClusterControlException(string message) : Exception(message);
