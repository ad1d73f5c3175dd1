using Cluster.Decoding;

namespace Cluster.Serving.Routing;

/// <summary>
/// Picks a replica for a sequence: power of two choices on outstanding tokens, over the ready replicas that this sequence has not lost.
/// </summary>
/// <remarks>
/// Two random candidates and the less loaded of them come close to the best of all without every edge rushing to the same one on a
/// stale snapshot. The draw is a function of request, choice and attempt: no hidden randomness.
/// </remarks>
public sealed class ReplicaRouter(IReplicaDirectory directory)
{
    /// <summary>The replica to use, or null if none is ready.</summary>
    /// <param name="modelId">The model asked for.</param>
    /// <param name="journal">The sequence to place.</param>
    /// <param name="avoided">Replicas that failed this sequence; used again only if there is no other.</param>
    public IReplica? Pick(string modelId, SequenceJournal journal, IReadOnlySet<string> avoided)
    {
        IReplica[] ready = [.. Ready(modelId)];
        IReplica[] fresh = [.. ready.Where(replica => !avoided.Contains(replica.Id))];
        IReplica[] candidates = fresh.Length > 0 ? fresh : ready;
        if (candidates.Length <= 1) return candidates.FirstOrDefault();
        uint draw = (uint)HashCode.Combine(string.GetHashCode(journal.RequestId, StringComparison.Ordinal), journal.Choice, journal.Attempt);
        int first = (int)(draw % (uint)candidates.Length);
        int second = (first + 1 + (int)(draw / (uint)candidates.Length % (uint)(candidates.Length - 1))) % candidates.Length;
        return candidates[first].Snapshot.OutstandingTokens <= candidates[second].Snapshot.OutstandingTokens ? candidates[first] : candidates[second];
    }

    /// <summary>Is a replica ready that is not among <paramref name="avoided"/>?</summary>
    public bool HasOther(string modelId, IReadOnlySet<string> avoided) => Ready(modelId).Any(replica => !avoided.Contains(replica.Id));

    private IEnumerable<IReplica> Ready(string modelId)
        => directory.ReplicasOf(modelId).Where(replica => replica.Snapshot.Health == ReplicaHealth.Ready);
}
