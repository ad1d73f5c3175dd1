using System.ComponentModel.DataAnnotations;

namespace Cluster.Serving.Resuming;

/// <summary>When a sequence is given to another replica, and how often.</summary>
public sealed record ResumeOptions
{
    /// <summary>Most runs of one sequence, the first included.</summary>
    /// <remarks>Raise it where replicas come and go all the time; each run recomputes the prompt and what was emitted.</remarks>
    [Range(1, 100)]
    public int AttemptsMax { get; init; } = 6;

    /// <summary>Replicas that may be lost one after another at the same token before the sequence is taken for the cause and refused.</summary>
    /// <remarks>Protects the other requests from one that kills whatever runs it. Losses between which tokens came do not count.</remarks>
    [Range(1, 100)]
    public int LossesMax { get; init; } = 2;

    /// <summary>Longest wait for a replica when none can take the sequence.</summary>
    /// <remarks>Long enough for a replacement to come up where that is quick; callers wait meanwhile.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ReplicaWaitMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest silence before the first delta of a run: queue and prompt.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan FirstDeltaSilenceMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Shortest silence between deltas that may count as a loss.</summary>
    /// <remarks>Below the longest honest step (a wide prompt chunk, a busy core) it moves healthy streams.</remarks>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan SilenceMin { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A stream counts as lost after this many times its usual gap, and at least <see cref="SilenceMin"/>.</summary>
    [Range(2.0, 1000.0)]
    public double SilenceGapFactor { get; init; } = 30;
}
