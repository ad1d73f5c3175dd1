using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Cluster.Decoding;
using Cluster.Serving.Routing;

namespace Cluster.Serving.Resuming;

/// <summary>
/// One sequence from its first token to its last, over as many replicas as that takes. It owns the journal, so it alone issues
/// attempts, drops repeats and ignores deltas of old attempts; its caller sees one unbroken stream.
/// </summary>
/// <remarks>
/// <code>
/// 1. Pick a replica (wait, within a bound, if there is none)
/// 2. Open an attempt with the journal so far
/// 3. Take deltas: each continues exactly where the last one ended
/// 4. Ended → done.  Broken, silent, handed back or failed → journal it, next attempt (back to 1)
/// </code>
/// </remarks>
public sealed class SequenceRun(string modelId, ReplicaRouter router, ResumeOptions options, TimeProvider time, IResumeObserver observer)
{
    private static readonly TimeSpan ReplicaPollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Streams the sequence's deltas, positions without gap or repeat; the last one carries its finish.</summary>
    /// <param name="journal">Before its first attempt.</param>
    /// <param name="cancellationToken">The caller went away.</param>
    public async IAsyncEnumerable<SequenceDelta> RunAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ImmutableArray<int>.Builder emitted = ImmutableArray.CreateBuilder<int>();
        emitted.AddRange(journal.EmittedTokens);
        var avoided = new HashSet<string>(StringComparer.Ordinal);
        bool isNarrowed = journal.BudgetNarrowed;
        int lossesInPlace = 0;
        SequenceError lastError = new(SequenceErrorKind.ReplicaLost, "No replica of the model is ready.");
        int attemptsEnd = journal.Attempt + options.AttemptsMax;
        for (int attempt = journal.Attempt; attempt < attemptsEnd && lossesInPlace < options.LossesMax; attempt++)
        {
            // 1. Pick
            SequenceJournal current = journal with { Attempt = attempt, EmittedTokens = emitted.ToImmutable(), BudgetNarrowed = isNarrowed };
            IReplica? replica = await WaitForReplicaAsync(current, avoided, cancellationToken).ConfigureAwait(false);
            if (replica is null) break;

            // 2. Open
            await using var stream = new AttemptStream(replica, current, options, time, cancellationToken);
            SequenceError? error = null;
            while (error is null)
            {
                // 3. Take
                (SequenceDelta? delta, error) = await stream.NextAsync().ConfigureAwait(false);
                if (delta is null || delta.Attempt != attempt) continue;
                isNarrowed |= delta.BudgetNarrowed;
                SequenceDelta? continued = Continue(delta, emitted);
                error = continued is null ? new SequenceError(SequenceErrorKind.ReplicaLost, "The replica's stream skipped a position.") : delta.Error;
                bool isHandedOver = error is not null && (continued is null || IsResumable(error.Kind));
                if (continued is null || (isHandedOver && continued.Tokens.IsEmpty)) continue;
                yield return isHandedOver ? continued with { Finish = null, Error = null } : continued;
                if (isHandedOver || continued.Finish is null) continue;
                router.Report(replica.Id, isHealthy: true);
                yield break;
            }

            // 4. Hand over
            lastError = error;
            avoided.Add(replica.Id);
            observer.OnHandedOver(replica.Id, error.Kind);
            if (error.Kind is SequenceErrorKind.ReplicaLost or SequenceErrorKind.ModelFailed) router.Report(replica.Id, isHealthy: false);
            bool isInPlace = error.Kind == SequenceErrorKind.ReplicaLost && emitted.Count == current.EmittedTokens.Length;
            lossesInPlace = isInPlace ? lossesInPlace + 1 : 0;
            bool isRefusedByAll = error.Kind == SequenceErrorKind.Overloaded && !router.HasOther(modelId, avoided);
            if (isRefusedByAll && emitted.Count == journal.EmittedTokens.Length) break;
            if (isRefusedByAll) await Task.Delay(ReplicaPollInterval, time, cancellationToken).ConfigureAwait(false);
        }
        yield return Failure(journal, emitted.Count, lastError);
    }

    private async ValueTask<IReplica?> WaitForReplicaAsync(SequenceJournal journal, HashSet<string> avoided, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            IReplica? replica = router.Pick(modelId, journal, avoided);
            if (replica is not null || time.GetElapsedTime(start) >= options.ReplicaWaitMax) return replica;
            await Task.Delay(ReplicaPollInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The part of the delta that is new, journalled; null if it leaves a gap.</summary>
    private static SequenceDelta? Continue(SequenceDelta delta, ImmutableArray<int>.Builder emitted)
    {
        int repeated = emitted.Count - delta.Position;
        if (repeated < 0) return null;
        int known = Math.Min(repeated, delta.Tokens.Length);
        emitted.AddRange(delta.Tokens.AsSpan()[known..]);
        return known == 0 ? delta : delta with
        {
            Position = delta.Position + known,
            Tokens = delta.Tokens[known..],
            Logprobs = delta.Logprobs.IsEmpty ? [] : delta.Logprobs[known..],
        };
    }

    private static bool IsResumable(SequenceErrorKind kind)
        => kind is SequenceErrorKind.ReplicaLost or SequenceErrorKind.Draining or SequenceErrorKind.Overloaded or SequenceErrorKind.ModelFailed
            or SequenceErrorKind.FingerprintMismatch;

    private static SequenceDelta Failure(SequenceJournal journal, int position, SequenceError error) => new()
    {
        RequestId = journal.RequestId,
        Choice = journal.Choice,
        Position = position,
        Finish = FinishReason.Failed,
        Error = error,
    };
}

/// <summary>Counts what resuming does.</summary>
public interface IResumeObserver
{
    /// <summary>A sequence left a replica before its end.</summary>
    void OnHandedOver(string replicaId, SequenceErrorKind reason);
}
