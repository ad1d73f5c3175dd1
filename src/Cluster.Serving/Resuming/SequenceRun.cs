using System.Collections.Immutable;
using System.Diagnostics;
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
/// 1. Pick a replica (wait, within a bound, if there is none; a suspect waits for its trial before)
/// 2. Open an attempt with the journal so far
/// 3. Take deltas: each continues exactly where the last one ended
/// 4. Ended → done.  Broken, silent, handed back, failed, or its replica drains → journal it, next attempt (back to 1)
/// </code>
/// A draining replica decodes on until the edge leaves it, so the edge leaves it with a few sequences at a time: each finds the next replica without
/// a queue of the others before it.
/// </remarks>
/// <param name="cacheKey">What the caller calls requests that share a prompt; see <see cref="PrefixAffinity"/>.</param>
public sealed class SequenceRun(
    string modelId, ReplicaRouter router, ResumePacing pacing, TimeProvider time, IResumeObserver observer, string? cacheKey = null)
{
    private static readonly TimeSpan ReplicaPollInterval = TimeSpan.FromMilliseconds(50);
    private readonly ResumeOptions options = pacing.Options;

    /// <summary>Streams the sequence's deltas, positions without gap or repeat; the last one carries its finish.</summary>
    /// <param name="journal">Before its first attempt.</param>
    /// <param name="cancellationToken">The caller went away.</param>
    public async IAsyncEnumerable<SequenceDelta> RunAsync(SequenceJournal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ActivityContext request = Activity.Current?.Context ?? default;
        ImmutableArray<int>.Builder emitted = ImmutableArray.CreateBuilder<int>();
        emitted.AddRange(journal.EmittedTokens);
        var avoided = new HashSet<string>(StringComparer.Ordinal);
        using var suspicion = new PoisonSuspicion(pacing);
        using var move = new Move(pacing);
        bool isNarrowed = journal.BudgetNarrowed;
        long? leftAt = null;
        SequenceError lastError = new(SequenceErrorKind.ReplicaLost, "No replica of the model is ready.");
        int attemptsEnd = journal.Attempt + options.AttemptsMax;
        for (int attempt = journal.Attempt; attempt < attemptsEnd; attempt++)
        {
            // 1. Pick
            SequenceJournal current = journal with { Attempt = attempt, EmittedTokens = emitted.ToImmutable(), BudgetNarrowed = isNarrowed };
            if (suspicion.IsSuspect) await suspicion.BeginTrialAsync(cancellationToken).ConfigureAwait(false);
            IReplica? replica = await WaitForReplicaAsync(current, avoided, cancellationToken).ConfigureAwait(false);
            if (replica is null) break;

            // 2. Open
            using var trace = AttemptTrace.Begin(request, current, replica, time);
            await using var stream = new AttemptStream(replica, current, options, time, cancellationToken);
            SequenceError? error = null;
            while (error is null)
            {
                // 3. Take
                (SequenceDelta? delta, error) = await stream.NextAsync().ConfigureAwait(false);
                if (delta is null || delta.Attempt != attempt) continue;
                trace?.Took(delta);
                isNarrowed |= delta.BudgetNarrowed;
                SequenceDelta? continued = Continue(delta, emitted);
                error = continued is null ? new SequenceError(SequenceErrorKind.ReplicaLost, "The replica's stream skipped a position.") : delta.Error;
                bool isHandedOver = error is not null && (continued is null || IsResumable(error.Kind));
                if (continued is null || (continued.Tokens.IsEmpty && (isHandedOver || continued.Finish is null))) continue;
                move.End();
                suspicion.Clear();
                if (leftAt is { } left && !continued.Tokens.IsEmpty)
                {
                    observer.OnResumed(modelId, time.GetElapsedTime(left));
                    leftAt = null;
                }
                bool isEnd = !isHandedOver && continued.Finish is not null;
                if (isEnd)
                {
                    // Before the last delta is out: whoever has it asks for no more.
                    if (continued.Finish != FinishReason.Failed) router.Report(replica.Id, isHealthy: true);
                    observer.OnEnded(modelId, current, continued);
                }
                yield return isHandedOver ? continued with { Finish = null, Error = null } : continued;
                if (isEnd) yield break;
                if (error is null && replica.Snapshot.Health == ReplicaHealth.Draining && router.HasOther(modelId, journal, avoided) && move.TryBegin())
                    error = new SequenceError(SequenceErrorKind.Draining, "The replica is draining.");
            }

            // 4. Hand over
            lastError = error;
            leftAt ??= time.GetTimestamp();
            trace?.HandedOver(error.Kind);
            avoided.Add(replica.Id);
            observer.OnHandedOver(new HandOver(journal.RequestId, journal.Choice, attempt, replica.Id, error.Kind, emitted.Count));
            bool isCause = stream.MayHaveKilled && suspicion.IsCause(emitted.Count);
            suspicion.EndTrial();
            if (error.Kind is SequenceErrorKind.ReplicaLost or SequenceErrorKind.ModelFailed)
            {
                router.Report(replica.Id, isHealthy: false);
                if (isCause)
                {
                    observer.OnPoisonRefused(journal.RequestId, journal.Choice);
                    break;
                }
                await DelayRetryAsync(cancellationToken).ConfigureAwait(false);
            }
            bool isRefusedByAll = error.Kind == SequenceErrorKind.Overloaded && !router.HasOther(modelId, journal, avoided);
            if (isRefusedByAll && emitted.Count == journal.EmittedTokens.Length) break;
            if (isRefusedByAll) await Task.Delay(ReplicaPollInterval, time, cancellationToken).ConfigureAwait(false);
        }
        yield return Failure(journal, emitted.Count, lastError);
    }

    private async ValueTask DelayRetryAsync(CancellationToken cancellationToken)
    {
        TimeSpan delay = pacing.SpendRetry();
        if (delay == TimeSpan.Zero) return;
        observer.OnRetryDelayed(delay);
        await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<IReplica?> WaitForReplicaAsync(SequenceJournal journal, HashSet<string> avoided, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            IReplica? replica = router.Pick(modelId, journal, avoided, cacheKey);
            if (replica is not null || time.GetElapsedTime(start) >= options.ReplicaWaitMax) return replica;
            await Task.Delay(ReplicaPollInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The part of the delta that is new, journalled; null if it leaves a gap.</summary>
    private SequenceDelta? Continue(SequenceDelta delta, ImmutableArray<int>.Builder emitted)
    {
        int repeated = emitted.Count - delta.Position;
        if (repeated < 0)
        {
            observer.OnBreach(StreamInvariants.Position);
            return null;
        }
        int known = Math.Min(repeated, delta.Tokens.Length);
        for (int i = 0; i < known; i++)
        {
            if (delta.Tokens[i] == emitted[delta.Position + i]) continue;
            observer.OnBreach(StreamInvariants.RepeatedToken);
            break;
        }
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

/// <summary>This sequence's place among the moves of its edge; held from leaving a draining replica to the first token of the next one.</summary>
internal sealed class Move(ResumePacing pacing) : IDisposable
{
    private bool _isHeld;

    public bool TryBegin() => _isHeld || (_isHeld = pacing.TryBeginMove());

    public void End()
    {
        if (_isHeld) pacing.EndMove();
        _isHeld = false;
    }

    public void Dispose() => End();
}
