namespace Cluster.Serving.Resuming;

/// <summary>How long a stream may stay silent: a multiple of its usual gap, learnt as it runs; before the first delta,
/// as long as queue and prompt may take.</summary>
internal sealed class StreamGap(ResumeOptions options, TimeProvider time)
{
    private const double Smoothing = 0.1;

    private long _last = time.GetTimestamp();
    private double _usualSeconds;
    private bool _hasArrived;

    public void Arrived()
    {
        long now = time.GetTimestamp();
        if (_hasArrived)
        {
            double seconds = time.GetElapsedTime(_last, now).TotalSeconds;
            _usualSeconds = _usualSeconds == 0 ? seconds : _usualSeconds + (Smoothing * (seconds - _usualSeconds));
        }
        _hasArrived = true;
        _last = now;
    }

    /// <summary>Longest silence from now on.</summary>
    public TimeSpan Bound => !_hasArrived
        ? options.FirstDeltaSilenceMax
        : TimeSpan.FromSeconds(Math.Max(options.SilenceMin.TotalSeconds, _usualSeconds * options.SilenceGapFactor));
}
