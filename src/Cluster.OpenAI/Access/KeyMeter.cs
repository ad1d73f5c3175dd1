using System.Collections.Concurrent;

namespace Cluster.OpenAI.Access;

/// <summary>What one key has spent of its limits: live state.</summary>
public sealed class KeyMeter(ApiKey key, TimeProvider time)
{
    private int _running;

    public ApiKey Key { get; } = key;

    /// <summary>Null without a limit.</summary>
    public RateBucket? Requests { get; } = key.RequestsPerMinute > 0 ? new RateBucket(key.RequestsPerMinute, time) : null;

    /// <summary>Null without a limit.</summary>
    public RateBucket? Tokens { get; } = key.TokensPerMinute > 0 ? new RateBucket(key.TokensPerMinute, time) : null;

    /// <summary>Requests of this key that run now.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Counts one more running request; false (and none) at the limit.</summary>
    public bool TryEnter()
    {
        int running = Interlocked.Increment(ref _running);
        if (Key.StreamsMax == 0 || running <= Key.StreamsMax) return true;
        Interlocked.Decrement(ref _running);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _running);
}

/// <summary>The meters of all keys. A key whose limits were changed begins afresh.</summary>
public sealed class KeyMeters(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, KeyMeter> _meters = new(StringComparer.Ordinal);

    public KeyMeter Of(ApiKey key)
    {
        KeyMeter meter = _meters.GetOrAdd(key.Id, static (_, state) => new KeyMeter(state.key, state.time), (key, time));
        return HaveSameLimits(meter.Key, key) ? meter : _meters.AddOrUpdate(
            key.Id,
            static (_, state) => new KeyMeter(state.key, state.time),
            static (_, old, state) => HaveSameLimits(old.Key, state.key) ? old : new KeyMeter(state.key, state.time),
            (key, time));
    }

    private static bool HaveSameLimits(ApiKey one, ApiKey other)
        => (one.RequestsPerMinute, one.TokensPerMinute, one.StreamsMax) == (other.RequestsPerMinute, other.TokensPerMinute, other.StreamsMax);
}
