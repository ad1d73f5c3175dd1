using System.Diagnostics;
using Cluster.Decoding;

namespace Cluster.Benchmarks.Decoding;

/// <summary>Sequences of one kind, stepped in blocks, and what their steps cost. Lanes share one engine and take turns in it.</summary>
/// <param name="model">The engine's model, with its clock.</param>
/// <param name="newSequence">Makes the sequence of a number, for a sink.</param>
internal sealed class Lane(TimedModel model, Engine engine, Func<int, Action<SequenceDelta>, CancellationToken, SequenceSubmission> newSequence)
{
    private const int WarmSteps = 4;

    private TimeSpan _stepping, _executing;
    private long _tokens, _bytes;
    private int _submitted;

    /// <summary>Time of a step over the time that the model ran in it.</summary>
    public double StepRatio => _stepping / _executing;

    public double BytesPerToken => (double)_bytes / _tokens;

    /// <summary>Positions of the longest row of the last step.</summary>
    public int Length { get; private set; }

    /// <summary>Mean step of the best block.</summary>
    public double BestStepMs { get; private set; } = double.MaxValue;

    /// <summary>Milliseconds of <paramref name="steps"/> steps of <paramref name="batch"/> new sequences, from a few tokens after their prompts on.</summary>
    public double Run(int batch, int steps)
    {
        using var turn = new CancellationTokenSource();
        for (int i = 0; i < batch; i++) Submit(turn.Token);
        while (engine.Snapshot.Slots.Count(slot => slot.Use == SlotUse.Decoding) < batch) engine.Step();
        for (int i = 0; i < WarmSteps; i++) engine.Step();
        double elapsed = Time(steps);
        Length = model.LastLength;
        turn.Cancel();
        while (engine.HasWork) engine.Step();
        return elapsed;
    }

    /// <summary>Forgets what was measured.</summary>
    public void Reset() => (_stepping, _executing, _tokens, _bytes, BestStepMs) = (default, default, 0, 0, double.MaxValue);

    private double Time(int steps)
    {
        TimeSpan spent = model.Spent;
        long allocated = GC.GetAllocatedBytesForCurrentThread(), started = Stopwatch.GetTimestamp();
        for (int i = 0; i < steps; i++) engine.Step();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        _bytes += GC.GetAllocatedBytesForCurrentThread() - allocated;
        _stepping += elapsed;
        _executing += model.Spent - spent;
        BestStepMs = Math.Min(BestStepMs, elapsed.TotalMilliseconds / steps);
        return elapsed.TotalMilliseconds;
    }

    private void Submit(CancellationToken turn) => engine.Submit(newSequence(++_submitted, delta =>
    {
        _tokens += delta.Tokens.Length;
        if (delta.Finish is not null && !turn.IsCancellationRequested) Submit(turn);
    }, turn));
}
