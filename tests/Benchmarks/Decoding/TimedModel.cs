using System.Diagnostics;
using Cluster.Decoding.Models;

namespace Cluster.Benchmarks.Decoding;

/// <summary>Another model with a clock around it: what a step takes beyond <see cref="Spent"/> is the engine's own.</summary>
internal sealed class TimedModel(IModel inner) : IModel
{
    public IModel Inner => inner;

    public ModelInfo Info => inner.Info;

    public TimeSpan Spent { get; private set; }

    /// <summary>Positions before the new token of the longest row of the last batch.</summary>
    public int LastLength { get; private set; }

    public void Execute(ModelBatch batch)
    {
        LastLength = 0;
        foreach (ref readonly BatchRow row in batch.Rows) LastLength = Math.Max(LastLength, row.Past);
        long started = Stopwatch.GetTimestamp();
        inner.Execute(batch);
        Spent += Stopwatch.GetElapsedTime(started);
    }

    public ReadOnlySpan<float> Logits(int row, int token) => inner.Logits(row, token);

    public void CopySlot(int source, int target, int tokens) => inner.CopySlot(source, target, tokens);

    public void Dispose() => inner.Dispose();
}
