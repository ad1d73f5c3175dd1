namespace Cluster.Decoding.Steps;

/// <summary>One sequence's times; written by whoever moves it on, read when it ends.</summary>
internal sealed class SequenceClock(DateTimeOffset submittedAt, bool hasMasks)
{
    private readonly int[]? _maskBuckets = hasMasks ? new int[SequenceWork.MaskBounds.Length + 1] : null;
    private DateTimeOffset? _admittedAt;
    private DateTimeOffset? _firstTokenAt;
    private TimeSpan _maskTime;
    private int _masks;
    private int _forcedTokens;
    private int _predictedTokens;
    private int _acceptedPredictedTokens;

    /// <summary>Of <see cref="TakeConstraint"/>, what has come together since its last call.</summary>
    private (int ForcedTokens, TimeSpan MaskTime, int Choices, double PressureSum, double PressureMax) _fresh;

    /// <summary>It got a slot; a later call (after a preemption) changes nothing.</summary>
    public void Admitted(DateTimeOffset now) => _admittedAt ??= now;

    public void Emitted(DateTimeOffset now) => _firstTokenAt ??= now;

    /// <summary>Tokens were emitted that no step chose.</summary>
    public void Forced(int tokens)
    {
        _forcedTokens += tokens;
        _fresh.ForcedTokens += tokens;
    }

    /// <summary>Guesses from the caller's prediction were checked.</summary>
    public void Predicted(int tokens, int accepted)
    {
        _predictedTokens += tokens;
        _acceptedPredictedTokens += accepted;
    }

    /// <summary>A token was chosen under a mask.</summary>
    public void Chose(double pressure)
    {
        _fresh.Choices++;
        _fresh.PressureSum += pressure;
        _fresh.PressureMax = Math.Max(_fresh.PressureMax, pressure);
    }

    public void Masked(TimeSpan time)
    {
        _masks++;
        _maskTime += time;
        _fresh.MaskTime += time;
        int bucket = 0;
        while (bucket < SequenceWork.MaskBounds.Length && time.TotalMicroseconds > SequenceWork.MaskBounds[bucket]) bucket++;
        if (_maskBuckets is not null) _maskBuckets[bucket]++;
    }

    /// <summary>What the constraint did since the last call; null without one.</summary>
    public ConstraintWork? TakeConstraint()
    {
        if (_maskBuckets is null) return null;
        var taken = new ConstraintWork(_fresh.ForcedTokens, _fresh.MaskTime, _fresh.Choices, _fresh.PressureSum, _fresh.PressureMax);
        _fresh = default;
        return taken;
    }

    /// <summary>Times from the slot and from the first token until now; zero where it had none.</summary>
    public (TimeSpan SinceSlot, TimeSpan SinceFirstToken) Until(DateTimeOffset now) => (now - (_admittedAt ?? now), now - (_firstTokenAt ?? now));

    /// <param name="now">When it ended.</param>
    public SequenceWork Sum(DateTimeOffset now) => new(
        (_admittedAt ?? now) - submittedAt, _firstTokenAt is { } first && _admittedAt is { } admitted ? first - admitted : TimeSpan.Zero,
        _masks, _maskTime, _forcedTokens, _predictedTokens, _acceptedPredictedTokens, _maskBuckets is null ? [] : [.. _maskBuckets]);
}
