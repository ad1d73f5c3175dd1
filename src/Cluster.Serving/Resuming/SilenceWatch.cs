using System.Threading.Tasks.Sources;

namespace Cluster.Serving.Resuming;

/// <summary>
/// One wait after another for something that may never come: each ends when it has come, when its bound has passed, or when the caller goes away.
/// One timer serves all of them and is set anew only when it has fired, so a wait that ends in time costs neither a timer nor memory.
/// </summary>
internal sealed class SilenceWatch : IValueTaskSource, IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenRegistration _leaving;
    private readonly ITimer _timer;
    private ManualResetValueTaskSourceCore<bool> _core;
    private bool _isWaiting;
    private long _since;
    private TimeSpan _bound;

    /// <summary>When the timer will fire, in timestamps; <see cref="long.MaxValue"/> where it is not set.</summary>
    private long _due = long.MaxValue;

    public SilenceWatch(TimeProvider time, CancellationToken caller)
    {
        (_time, _caller) = (time, caller);
        _timer = time.CreateTimer(static self => ((SilenceWatch)self!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _leaving = caller.UnsafeRegister(static self => ((SilenceWatch)self!).OnCallerLeft(), this);
    }

    /// <summary>Waits for <see cref="TryArrive"/>; one wait at a time.</summary>
    /// <exception cref="TimeoutException">The bound passed.</exception>
    /// <exception cref="OperationCanceledException">The caller went away.</exception>
    public ValueTask WaitAsync(TimeSpan bound)
    {
        short version;
        lock (_gate)
        {
            _core.Reset();
            (_isWaiting, _since, _bound) = (true, _time.GetTimestamp(), bound);
            version = _core.Version;
            if (_since + TimestampsOf(bound) < _due) SetTimer(bound);
        }
        if (_caller.IsCancellationRequested) OnCallerLeft();
        return new ValueTask(this, version);
    }

    /// <summary>What was waited for has come.</summary>
    /// <returns>False where the wait was over before.</returns>
    public bool TryArrive()
    {
        if (!TryEnd()) return false;
        _core.SetResult(true);
        return true;
    }

    public void Dispose()
    {
        _leaving.Dispose();
        _timer.Dispose();
    }

    private bool TryEnd()
    {
        lock (_gate)
        {
            bool wasWaiting = _isWaiting;
            _isWaiting = false;
            return wasWaiting;
        }
    }

    private void OnCallerLeft()
    {
        if (TryEnd()) _core.SetException(new OperationCanceledException(_caller));
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            _due = long.MaxValue;
            if (!_isWaiting) return;
            TimeSpan left = _bound - _time.GetElapsedTime(_since);
            if (left > TimeSpan.Zero)
            {
                SetTimer(left);
                return;
            }
        }
        if (TryEnd()) _core.SetException(new TimeoutException());
    }

    private void SetTimer(TimeSpan after)
    {
        _due = _time.GetTimestamp() + TimestampsOf(after);

        // A timer counts whole milliseconds: never one too few.
        _timer.Change(after + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private long TimestampsOf(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _core.OnCompleted(continuation, state, token, flags);
}
