namespace Cluster.Decoding.Steps;

/// <summary>One sequence's times; written by whoever moves it on, read when it ends.</summary>
internal sealed class SequenceClock(DateTimeOffset submittedAt, bool hasMasks)
{
    private readonly int[]? _maskBuckets = hasMasks ? new int[SequenceWork.MaskBounds.Length + 1] : null;
    private DateTimeOffset? _admittedAt;
    private DateTimeOffset? _firstTokenAt;
    private TimeSpan _maskTime;
    private int _masks;

    /// <summary>Emitted tokens that no step chose.</summary>
    public int ForcedTokens { get; set; }

    /// <summary>It got a slot; a later call (after a preemption) changes nothing.</summary>
    public void Admitted(DateTimeOffset now) => _admittedAt ??= now;

    public void Emitted(DateTimeOffset now) => _firstTokenAt ??= now;

    public void Masked(TimeSpan time)
    {
        _masks++;
        _maskTime += time;
        int bucket = 0;
        while (bucket < SequenceWork.MaskBounds.Length && time.TotalMicroseconds > SequenceWork.MaskBounds[bucket]) bucket++;
        if (_maskBuckets is not null) _maskBuckets[bucket]++;
    }

    /// <param name="now">When it ended.</param>
    public SequenceWork Sum(DateTimeOffset now) => new(
        (_admittedAt ?? now) - submittedAt, _firstTokenAt is { } first && _admittedAt is { } admitted ? first - admitted : TimeSpan.Zero,
        _masks, _maskTime, ForcedTokens, _maskBuckets is null ? [] : [.. _maskBuckets]);
}
