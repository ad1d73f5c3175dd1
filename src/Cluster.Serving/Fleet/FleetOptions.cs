using System.ComponentModel.DataAnnotations;

namespace Cluster.Serving.Fleet;

/// <summary>How a cluster keeps its replicas alive.</summary>
public sealed record FleetOptions
{
    /// <summary>Replicas of each model until an administrator scales it.</summary>
    [Range(0, 10_000)]
    public int Replicas { get; init; } = 1;

    /// <summary>Time between two reports of a silo, in milliseconds.</summary>
    /// <remarks>Lower it for fresher load figures at the edges; each report is one small call per model.</remarks>
    [Range(20, 60_000)]
    public int ReportMs { get; init; } = 500;

    /// <summary>Time without a report after which a silo's replicas count as lost, in milliseconds.</summary>
    /// <remarks>Streams do not wait for this: their own liveness is faster. Raise it where processes pause for long.</remarks>
    [Range(100, 600_000)]
    public int StaleMs { get; init; } = 3_000;

    /// <summary>Time without a report after which a silo is forgotten and the numbers of its replicas may be used again, in milliseconds.</summary>
    [Range(1_000, 3_600_000)]
    public int ForgetMs { get; init; } = 60_000;

    /// <summary>Time between two pulses that an edge takes of each replica, in milliseconds; each is one small call.</summary>
    /// <remarks>A replica whose process is gone is noticed at the next pulse. Lower it for shorter gaps, raise it with hundreds of replicas.</remarks>
    [Range(20, 60_000)]
    public int PulseMs { get; init; } = 150;

    /// <summary>Time without an answer after which an edge takes a replica for lost and moves its streams, in milliseconds.</summary>
    /// <remarks>Raise it where processes pause for long (busy cores, garbage collection): a false alarm costs its streams a new prompt pass elsewhere.</remarks>
    [Range(100, 600_000)]
    public int PulseLostMs { get; init; } = 1_500;

    /// <summary>A replica's answers are also waited for this many times as long as they usually take, at most <see cref="PulseLostMaxMs"/>.</summary>
    /// <remarks>Where all cores are taken everything is slow, and moving streams would add to the load. 1 leaves it at <see cref="PulseLostMs"/>.</remarks>
    [Range(1.0, 1_000.0)]
    public double PulseLostFactor { get; init; } = 6;

    /// <summary>Longest that any answer is waited for, in milliseconds.</summary>
    [Range(100, 600_000)]
    public int PulseLostMaxMs { get; init; } = 10_000;

    /// <summary>Time for which a silo that refused a replica is not asked again, in milliseconds.</summary>
    [Range(100, 600_000)]
    public int RetryMs { get; init; } = 2_000;

    /// <summary>Time between two reconciliations of a model, in milliseconds.</summary>
    [Range(50, 60_000)]
    public int ReconcileMs { get; init; } = 500;

    /// <summary>Longest time for which a stopping silo decodes on while edges move its sequences, in milliseconds.</summary>
    /// <remarks>An edge moves <see cref="Resuming.ResumeOptions.MovesMax"/> at a time, each in the time of a prompt pass. Keep it within the grace that stops are given.</remarks>
    [Range(0, 600_000)]
    public int DrainMs { get; init; } = 5_000;

    /// <summary>Longest wait for the ends of the sequences that no edge has moved, once they are cut, in milliseconds.</summary>
    [Range(0, 600_000)]
    public int CutMs { get; init; } = 2_000;

    /// <summary>Longest time that requests run on with a replica whose version was replaced or removed from the catalogue, in milliseconds; what is left then ends with an error.</summary>
    /// <remarks>Its device is held meanwhile. At least the time of the longest request (<c>OpenAI:RequestTimeMax</c>), unless devices are short.</remarks>
    [Range(0, 86_400_000)]
    public int RetireMs { get; init; } = 600_000;

    /// <summary>Time for which an edge still asks for a replaced version after its last request for it, in milliseconds: others were just accepted and are about to begin.</summary>
    [Range(10, 600_000)]
    public int QuietMs { get; init; } = 2_000;

    /// <summary>Longest time that a new silo compiles the cluster's schemas before it takes traffic, in milliseconds.</summary>
    [Range(0, 600_000)]
    public int WarmMs { get; init; } = 5_000;

    /// <summary>Most schemas remembered for warming up new silos.</summary>
    [Range(0, 100_000)]
    public int SchemasMax { get; init; } = 256;
}
