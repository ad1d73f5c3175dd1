using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Cluster.Host.Telemetry;

/// <summary>Memory, processor time, threads and handles of this process, and what the exposition itself dropped.</summary>
public sealed class ProcessMetrics
{
    private const string Descriptors = "/proc/self/fd";

    public ProcessMetrics(IMeterFactory meters, MetricStore store)
    {
        Meter meter = meters.Create("Cluster.Process");
        meter.CreateObservableGauge("cluster.process.memory", () => Environment.WorkingSet, "By", "Memory in use");
        meter.CreateObservableGauge("cluster.process.heap", () => GC.GetTotalMemory(forceFullCollection: false), "By", "Managed heap in use");
        meter.CreateObservableGauge("cluster.process.heap.live", LiveBytes, "By", "Managed heap that the last collection of all generations left");
        meter.CreateObservableCounter("cluster.process.collections", () => Enumerable.Range(0, GC.MaxGeneration + 1).Select(generation => new Measurement<int>(
            GC.CollectionCount(generation), new KeyValuePair<string, object?>("generation", generation))), "{collection}", "Garbage collections of each generation, those of the older ones included");
        meter.CreateObservableCounter("cluster.process.cpu", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time used");
        meter.CreateObservableGauge("cluster.process.threads", ThreadCount, "{thread}", "Threads");
        meter.CreateObservableGauge("cluster.process.handles", HandleCount, "{handle}", "Open files and sockets");
        meter.CreateObservableCounter("cluster.metrics.series.dropped", () => store.Dropped, "{measurement}", "Measurements of label combinations past Telemetry:SeriesMax");
    }

    /// <summary>What a leak would add to: the heap in use goes up and down between collections, this does not.</summary>
    public static long LiveBytes()
    {
        GCMemoryInfo last = new[] { GC.GetGCMemoryInfo(GCKind.FullBlocking), GC.GetGCMemoryInfo(GCKind.Background) }.MaxBy(info => info.Index);
        return Math.Max(0, last.HeapSizeBytes - last.FragmentedBytes);
    }

    public static int ThreadCount()
    {
        using var process = Process.GetCurrentProcess();
        return process.Threads.Count;
    }

    public static int HandleCount()
    {
        if (Directory.Exists(Descriptors)) return Directory.EnumerateFileSystemEntries(Descriptors).Count();
        using var process = Process.GetCurrentProcess();
        return process.HandleCount;
    }
}
