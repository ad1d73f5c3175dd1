using Cluster.Decoding;

namespace Cluster.Serving.Routing;

/// <summary>
/// Picks a replica for a sequence: power of two choices on outstanding tokens, over the ready replicas that this sequence has
/// not lost and whose circuit is not open.
/// </summary>
/// <remarks>
/// Two random candidates and the less loaded of them come close to the best of all without every edge rushing to the same one on a
/// stale snapshot. The draw is a function of request, choice and attempt: no hidden randomness.
/// </remarks>
public sealed class ReplicaRouter(IReplicaDirectory directory, ReplicaBreakers breakers)
{
    /// <summary>The replica to use, or null if none is ready.</summary>
    /// <param name="modelId">The model asked for.</param>
    /// <param name="journal">The sequence to place.</param>
    /// <param name="avoided">Replicas that failed this sequence; used again only if there is no other, as is one with an open circuit.</param>
    public IReplica? Pick(string modelId, SequenceJournal journal, IReadOnlySet<string> avoided)
    {
        IReplica[] ready = [.. Ready(modelId)];
        IReplica[] healthy = [.. ready.Where(replica => breakers.MayTry(replica.Id))];
        IReplica[] fresh = [.. healthy.Where(replica => !avoided.Contains(replica.Id))];
        IReplica[] candidates = fresh.Length > 0 ? fresh : healthy.Length > 0 ? healthy : ready;
        if (candidates.Length <= 1) return candidates.FirstOrDefault();
        uint draw = DrawOf(journal);
        int first = (int)(draw % (uint)candidates.Length);
        int second = (first + 1 + (int)(draw / (uint)candidates.Length % (uint)(candidates.Length - 1))) % candidates.Length;
        return candidates[first].Snapshot.OutstandingTokens <= candidates[second].Snapshot.OutstandingTokens ? candidates[first] : candidates[second];
    }

    /// <summary>Is a replica ready that is not among <paramref name="avoided"/>?</summary>
    public bool HasOther(string modelId, IReadOnlySet<string> avoided) => Ready(modelId).Any(replica => !avoided.Contains(replica.Id));

    /// <summary>Tells how an attempt on a replica went.</summary>
    public void Report(string replicaId, bool isHealthy) => breakers.Report(replicaId, isHealthy);

    private IEnumerable<IReplica> Ready(string modelId)
        => directory.ReplicasOf(modelId).Where(replica => replica.Snapshot.Health == ReplicaHealth.Ready);

    /// <summary>FNV-1a over what names the attempt: the same on every machine and in every run.</summary>
    private static uint DrawOf(SequenceJournal journal)
    {
        uint hash = 2_166_136_261;
        foreach (char c in journal.RequestId) hash = (hash ^ c) * 16_777_619;
        hash = (hash ^ (uint)journal.Choice) * 16_777_619;
        hash = (hash ^ (uint)journal.Attempt) * 16_777_619;
        return hash ^ (hash >> 15);
    }
}
