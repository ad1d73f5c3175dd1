using Cluster.Decoding;
using Cluster.Serving.Fleet;

namespace Cluster.Serving.Resuming;

/// <summary>
/// One attempt's stream from one replica, with its liveness bound. Leaving it cancels the replica's work at once and never waits for a
/// replica that no longer answers.
/// </summary>
internal sealed class AttemptStream : IAsyncDisposable
{
    private readonly CancellationTokenSource _cancellation;
    private readonly CancellationToken _caller;
    private readonly IAsyncEnumerator<SequenceDelta> _deltas;
    private readonly StreamGap _gap;
    private Task<bool>? _pending;

    public AttemptStream(IReplica replica, SequenceJournal journal, ResumeOptions options, TimeProvider time, CancellationToken caller)
    {
        _caller = caller;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(caller);
        _deltas = replica.GenerateAsync(journal, _cancellation.Token).GetAsyncEnumerator(_cancellation.Token);
        _gap = new StreamGap(options, time);
    }

    /// <summary>The sequence has had a slot of the replica.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The stream broke, not by mere silence, while the sequence had a slot: it may be what the replica died of.</summary>
    public bool MayHaveKilled { get; private set; }

    /// <summary>The next delta, or why there is none: broken, ended without a finish, or silent for too long.</summary>
    /// <exception cref="OperationCanceledException">The caller went away.</exception>
    public async ValueTask<(SequenceDelta? Delta, SequenceError? Error)> NextAsync()
    {
        try
        {
            ValueTask<bool> next = _deltas.MoveNextAsync();
            bool any;
            if (next.IsCompletedSuccessfully) any = next.Result;
            else
            {
                _pending = next.AsTask();
                any = await _gap.WaitAsync(_pending, _caller).ConfigureAwait(false);
                _pending = null;
            }
            if (!any) return Broken("The replica's stream ended early.");
            HasBegun = true;
            if (!_deltas.Current.Tokens.IsEmpty) _gap.Arrived();
            return (_deltas.Current, null);
        }
        catch (Exception silence) when (silence is TimeoutException or ReplicaLostException { IsSilent: true })
        {
            return Lost("The replica fell silent.");
        }
        catch (Exception exception) when (!_caller.IsCancellationRequested)
        {
            return Broken($"The replica's stream broke: {exception.GetType().Name}.");
        }
    }

    private (SequenceDelta?, SequenceError?) Broken(string message)
    {
        MayHaveKilled = HasBegun;
        return Lost(message);
    }

    private static (SequenceDelta?, SequenceError?) Lost(string message) => (null, new SequenceError(SequenceErrorKind.ReplicaLost, message));

    public async ValueTask DisposeAsync()
    {
        await _cancellation.CancelAsync().ConfigureAwait(false);
        if (_pending is { IsCompleted: false } pending) _ = ReleaseLaterAsync(pending);
        else await ReleaseAsync().ConfigureAwait(false);
    }

    private async Task ReleaseLaterAsync(Task pending)
    {
        await pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ReleaseAsync().ConfigureAwait(false);
    }

    private async ValueTask ReleaseAsync()
    {
        try
        {
            await _deltas.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The stream is broken already; there is nobody left to tell.
        }
        _cancellation.Dispose();
    }
}
