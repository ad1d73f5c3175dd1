using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Cluster.Decoding;
using Cluster.Serving;

namespace Cluster.Benchmarks.Edge;

/// <summary>A replica without a model: a token each time the pump says so. A request's seed is the number of its stream.</summary>
internal sealed class FixedRateReplica(string modelId, Pump pump, ConcurrentDictionary<int, Pump.Feed> feeds) : IReplica
{
    public string Id => $"{modelId}/0";

    public string ModelId => modelId;

    public ReplicaSnapshot Snapshot { get; } = new() { Id = $"{modelId}/0", ModelId = modelId, Health = ReplicaHealth.Ready, SlotsMax = 100_000, Fingerprint = "edge" };

    public async IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Pump.Feed feed = pump.Add((int)journal.Sampling.Seed, journal.TokensMax);
        feeds[feed.Stream] = feed;
        await foreach (int number in feed.Numbers.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return Delta(journal, number) with { Tokens = [number] };
        }
        yield return Delta(journal, journal.TokensMax) with { Finish = FinishReason.Length };
    }

    private static SequenceDelta Delta(SequenceJournal journal, int position)
        => new() { RequestId = journal.RequestId, Choice = journal.Choice, Attempt = journal.Attempt, Position = position };
}
