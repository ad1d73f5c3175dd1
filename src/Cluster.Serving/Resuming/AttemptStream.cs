using System.Runtime.CompilerServices;
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
    private readonly SilenceWatch _watch;
    private readonly Action _moved;

    /// <summary>The step of the stream that is under way.</summary>
    private ConfiguredValueTaskAwaitable<bool>.ConfiguredValueTaskAwaiter _move;
    private bool _isMoving;

    /// <summary>Of a step that outlived its wait: 1 once either the step is over or this stream was left; the second of both releases it.</summary>
    private int _isLoose;

    public AttemptStream(IReplica replica, SequenceJournal journal, ResumeOptions options, TimeProvider time, CancellationToken caller)
    {
        _caller = caller;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(caller);
        _deltas = replica.GenerateAsync(journal, _cancellation.Token).GetAsyncEnumerator(_cancellation.Token);
        _gap = new StreamGap(options, time);
        _watch = new SilenceWatch(time, caller);
        _moved = OnMoved;
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
            bool any = next.IsCompleted ? next.Result : await WaitAsync(next).ConfigureAwait(false);
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

    private async ValueTask<bool> WaitAsync(ValueTask<bool> next)
    {
        _isMoving = true;
        _move = next.ConfigureAwait(false).GetAwaiter();
        ValueTask arrival = _watch.WaitAsync(_gap.Bound);
        _move.UnsafeOnCompleted(_moved);
        await arrival.ConfigureAwait(false);
        _isMoving = false;
        return _move.GetResult();
    }

    private void OnMoved()
    {
        if (_watch.TryArrive() || Interlocked.Exchange(ref _isLoose, 1) == 0) return;
        _ = ReleaseMovedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _watch.Dispose();
        await _cancellation.CancelAsync().ConfigureAwait(false);
        if (!_isMoving) await ReleaseAsync().ConfigureAwait(false);
        else if (Interlocked.Exchange(ref _isLoose, 1) == 1) await ReleaseMovedAsync().ConfigureAwait(false);
    }

    private ValueTask ReleaseMovedAsync()
    {
        try
        {
            _move.GetResult();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // What the abandoned step came to is of no interest any more.
        }
        return ReleaseAsync();
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
