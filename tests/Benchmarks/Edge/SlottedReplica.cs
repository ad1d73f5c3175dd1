using System.Runtime.CompilerServices;
using Cluster.Decoding;
using Cluster.Serving;

namespace Cluster.Benchmarks.Edge;

/// <summary>A replica with a number of slots, each of which decodes at a fixed rate; who finds none free waits in order of arrival, as in a real one.</summary>
internal sealed class SlottedReplica(string modelId, int slots, TimeSpan perToken) : IReplica
{
    private readonly SemaphoreSlim _slots = new(slots, slots);

    public string Id => $"{modelId}/0";

    public string ModelId => modelId;

    public ReplicaSnapshot Snapshot { get; } = new() { Id = $"{modelId}/0", ModelId = modelId, Health = ReplicaHealth.Ready, SlotsMax = slots, Fingerprint = "edge" };

    public async IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (int position = 0; position < journal.TokensMax; position++)
            {
                await Task.Delay(perToken, cancellationToken).ConfigureAwait(false);
                yield return Delta(journal, position) with { Tokens = [position] };
            }
        }
        finally
        {
            _slots.Release();
        }
        yield return Delta(journal, journal.TokensMax) with { Finish = FinishReason.Length };
    }

    private static SequenceDelta Delta(SequenceJournal journal, int position)
        => new() { RequestId = journal.RequestId, Choice = journal.Choice, Attempt = journal.Attempt, Position = position };
}
