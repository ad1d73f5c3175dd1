using Cluster.Decoding;

namespace Cluster.Serving.Routing;

/// <summary>
/// Picks a replica for a sequence, over the ready ones that this sequence has not lost and whose circuit is not open: power of two choices on
/// outstanding tokens; between equals, the one that requests of this schema go to; and instead of either, one that knows the beginning of the prompt,
/// while that is worth more than its longer queue.
/// </summary>
/// <remarks>
/// Two random candidates and the less loaded of them come close to the best of all without every edge rushing to the same one on a
/// stale snapshot. The draw is a function of request, choice and attempt: no hidden randomness.
/// </remarks>
public sealed class ReplicaRouter(IReplicaDirectory directory, ReplicaBreakers breakers, PrefixAffinity? affinity = null)
{
    /// <summary>The replica to use, or null if none is ready.</summary>
    /// <param name="modelId">The model asked for.</param>
    /// <param name="journal">The sequence to place.</param>
    /// <param name="avoided">Replicas that failed this sequence; used again only if there is no other, as is one with an open circuit.</param>
    /// <param name="cacheKey">See <see cref="PrefixAffinity"/>.</param>
    public IReplica? Pick(string modelId, SequenceJournal journal, IReadOnlySet<string> avoided, string? cacheKey = null)
    {
        IReplica[] ready = [.. Ready(modelId, journal)];
        IReplica[] healthy = [.. ready.Where(replica => breakers.MayTry(replica.Id))];
        IReplica[] fresh = [.. healthy.Where(replica => !avoided.Contains(replica.Id))];
        IReplica[] candidates = fresh.Length > 0 ? fresh : healthy.Length > 0 ? healthy : ready;
        if (candidates.Length == 0) return null;
        IReplica chosen = candidates.Length == 1 ? candidates[0] : OfTwo(candidates, journal);
        if (affinity is null) return chosen;
        (string? known, double worth) = affinity.Find(modelId, cacheKey, journal.PromptTokens.AsSpan());
        IReplica? affine = known is null ? null : Array.Find(candidates, replica => replica.Id == known);
        bool isAffine = affine is not null && affine.Snapshot.OutstandingTokens <= chosen.Snapshot.OutstandingTokens + worth;
        if (isAffine) chosen = affine!;
        affinity.Remember(modelId, cacheKey, journal.PromptTokens.AsSpan(), chosen.Id, isAffine);
        return chosen;
    }

    private static IReplica OfTwo(IReplica[] candidates, SequenceJournal journal)
    {
        uint draw = DrawOf(journal);
        IReplica first = candidates[draw % (uint)candidates.Length];
        IReplica second = candidates[((draw % (uint)candidates.Length) + 1 + (draw / (uint)candidates.Length % (uint)(candidates.Length - 1))) % (uint)candidates.Length];
        long difference = first.Snapshot.OutstandingTokens - second.Snapshot.OutstandingTokens;
        if (difference == 0 && journal.Grammar is { } grammar)
        {
            ulong schema = StableHash.Of(grammar.Text);
            return StableHash.Of(first.Id, schema) >= StableHash.Of(second.Id, schema) ? first : second;
        }
        return difference <= 0 ? first : second;
    }

    /// <summary>Is a replica ready for the sequence that is not among <paramref name="avoided"/>?</summary>
    public bool HasOther(string modelId, SequenceJournal journal, IReadOnlySet<string> avoided) => Ready(modelId, journal).Any(replica => !avoided.Contains(replica.Id));

    /// <summary>Tells how an attempt on a replica went.</summary>
    public void Report(string replicaId, bool isHealthy) => breakers.Report(replicaId, isHealthy);

    /// <summary>Ready replicas that have the very model the sequence was prepared for: while a model is replaced there are two of its name.</summary>
    private IEnumerable<IReplica> Ready(string modelId, SequenceJournal journal)
        => directory.ReplicasOf(modelId).Where(replica => replica.Snapshot is { Health: ReplicaHealth.Ready } snapshot && snapshot.Runs(journal.Fingerprint));

    private static uint DrawOf(SequenceJournal journal)
        => StableHash.Fold(StableHash.Mix(StableHash.Mix(StableHash.Of(journal.RequestId), (uint)journal.Choice), (uint)journal.Attempt));
}
