using System.Diagnostics;
using Cluster.Decoding;

namespace Cluster.Benchmarks.Decoding;

/// <summary>One engine kept full of sequences of one kind, stepped in blocks, and what its steps cost.</summary>
/// <param name="model">The engine's model, with its clock.</param>
/// <param name="newSequence">Makes the sequence of a number, for a sink.</param>
internal sealed class Lane(TimedModel model, Engine engine, Func<int, Action<SequenceDelta>, SequenceSubmission> newSequence) : IDisposable
{
    private TimeSpan _stepping, _executing;
    private long _tokens, _bytes;
    private int _submitted;

    public TimedModel Model => model;

    /// <summary>Time of a step over the time that the model ran in it.</summary>
    public double StepRatio => _stepping / _executing;

    public double BytesPerToken => (double)_bytes / _tokens;

    /// <summary>Positions of the longest row of the last step.</summary>
    public int Length => model.LastLength;

    /// <summary>Mean step of the best block.</summary>
    public double BestStepMs { get; private set; } = double.MaxValue;

    public void WarmUp(int batch)
    {
        for (int i = 0; i < batch; i++) Submit();
        while (engine.Snapshot.Slots.Count(slot => slot.Use == SlotUse.Decoding) < batch) engine.Step();
        Run(20);
        (_stepping, _executing, _tokens, _bytes, BestStepMs) = (default, default, 0, 0, double.MaxValue);
    }

    /// <returns>Milliseconds of all steps together.</returns>
    public double Run(int steps)
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

    public void Dispose() => engine.Dispose();

    private void Submit() => engine.Submit(newSequence(++_submitted, delta =>
    {
        _tokens += delta.Tokens.Length;
        if (delta.Finish is not null) Submit();
    }));
}
