namespace Cluster.Serving.Resuming;

/// <summary>How fast one edge may move sequences, over all its requests: moves off draining replicas a few at a time, retries after losses within a budget,
/// trials of suspects (<see cref="PoisonSuspicion"/>) one at a time. Thread-safe.</summary>
/// <remarks>A retry is delayed, never refused: the sequence has its own bounds for that. The budget is one number, the time at which it would be full again.</remarks>
public sealed class ResumePacing(ResumeOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _trial = new(1, 1);
    private readonly long _began = time.GetTimestamp();
    private double _fullAtSeconds;
    private int _moves;

    public ResumeOptions Options => options;

    /// <summary>Moves under way.</summary>
    public int Moves => Volatile.Read(ref _moves);

    /// <summary>True where one more sequence may leave its draining replica now; then <see cref="EndMove"/> must follow.</summary>
    public bool TryBeginMove()
    {
        if (Interlocked.Increment(ref _moves) <= options.MovesMax) return true;
        Interlocked.Decrement(ref _moves);
        return false;
    }

    public void EndMove() => Interlocked.Decrement(ref _moves);

    /// <summary>A suspect is on trial.</summary>
    public bool IsTrying => _trial.CurrentCount == 0;

    /// <summary>Waits until no suspect is on trial; then <see cref="EndTrial"/> must follow.</summary>
    public Task BeginTrialAsync(CancellationToken cancellationToken) => _trial.WaitAsync(cancellationToken);

    public void EndTrial() => _trial.Release();

    /// <summary>Spends one retry.</summary>
    /// <returns>How long it has to wait; zero within the budget.</returns>
    public TimeSpan SpendRetry()
    {
        double interval = 1 / options.RetriesPerSecond;
        lock (_gate)
        {
            double now = time.GetElapsedTime(_began).TotalSeconds;
            _fullAtSeconds = Math.Max(_fullAtSeconds, now) + interval;
            return TimeSpan.FromSeconds(Math.Max(0, _fullAtSeconds - now - (options.RetriesBurst * interval)));
        }
    }
}
