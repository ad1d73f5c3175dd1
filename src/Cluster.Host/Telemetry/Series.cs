namespace Cluster.Host.Telemetry;

/// <summary>One time series: a value, or a histogram's buckets. Thread-safe.</summary>
/// <param name="labels">As they are written, without braces; may be empty.</param>
/// <param name="bounds">Upper bounds of the buckets; null for a plain value.</param>
internal sealed class Series(string labels, double[]? bounds)
{
    private readonly Lock _gate = new();
    private readonly long[]? _buckets = bounds is null ? null : new long[bounds.Length + 1];
    private double _value;

    public string Labels { get; } = labels;

    public double[]? Bounds { get; } = bounds;

    public void Add(double value)
    {
        lock (_gate) _value += value;
    }

    /// <summary>The round of a value that is told when it changes, not when it is asked for.</summary>
    public const long Always = long.MaxValue;

    /// <summary>When its value was told last.</summary>
    public long Round { get; private set; } = Always;

    public void Set(double value, long round)
    {
        lock (_gate) (_value, Round) = (value, round);
    }

    /// <summary>One measurement of a histogram.</summary>
    public void Record(double value)
    {
        int bucket = Array.BinarySearch(Bounds!, value);
        lock (_gate)
        {
            _buckets![bucket < 0 ? ~bucket : bucket]++;
            _value += value;
        }
    }

    /// <summary>The value, or a histogram's sum; and its buckets, not cumulated, the last without an upper bound.</summary>
    public (double Value, long[]? Buckets) Read()
    {
        lock (_gate) return (_value, (long[]?)_buckets?.Clone());
    }
}
