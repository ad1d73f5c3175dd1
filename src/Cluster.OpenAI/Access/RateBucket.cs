namespace Cluster.OpenAI.Access;

/// <summary>
/// A budget per minute that fills evenly: a full minute's worth may be spent at once, and what was spent late is owed.
/// </summary>
/// <param name="perMinute">Units a minute, at least 1.</param>
/// <param name="time">Its clock.</param>
public sealed class RateBucket(int perMinute, TimeProvider time)
{
    private readonly Lock _gate = new();
    private double _level = perMinute;
    private long _at = time.GetTimestamp();

    public int PerMinute => perMinute;

    /// <summary>Takes <paramref name="amount"/> if it is there.</summary>
    /// <param name="wait">Otherwise, after how long it is; null if it never will be.</param>
    public bool TryTake(double amount, out TimeSpan? wait)
    {
        lock (_gate)
        {
            Fill();
            wait = amount > perMinute ? null : TimeSpan.FromMinutes(Math.Max(0, amount - _level) / perMinute);
            if (_level < amount) return false;
            _level -= amount;
            return true;
        }
    }

    /// <summary>Takes what was already spent, into debt if need be; a negative amount gives back.</summary>
    public void Charge(double amount)
    {
        lock (_gate)
        {
            Fill();
            _level = Math.Min(perMinute, _level - amount);
        }
    }

    /// <summary>What is left now, and after how long the budget is full again.</summary>
    public (long Remaining, TimeSpan Reset) State()
    {
        lock (_gate)
        {
            Fill();
            return ((long)Math.Max(0, Math.Floor(_level)), TimeSpan.FromMinutes((perMinute - _level) / perMinute));
        }
    }

    private void Fill()
    {
        long now = time.GetTimestamp();
        _level = Math.Min(perMinute, _level + (time.GetElapsedTime(_at, now).TotalMinutes * perMinute));
        _at = now;
    }
}
