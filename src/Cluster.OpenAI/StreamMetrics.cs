using System.Diagnostics.Metrics;

namespace Cluster.OpenAI;

/// <summary>What happens to streams on their way out.</summary>
public sealed class StreamMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _stalled = meters.Create("Cluster.OpenAI").CreateCounter<long>(
        "cluster.streams.stalled", "{stream}", "Streams cut because their client did not read.");

    public void Stalled() => _stalled.Add(1);
}
