using System.ComponentModel.DataAnnotations;

namespace Cluster.Serving.Resuming;

/// <summary>When a sequence is given to another replica, and how often.</summary>
public sealed record ResumeOptions
{
    /// <summary>Most runs of one sequence, the first included.</summary>
    /// <remarks>Raise it where replicas come and go all the time; each run recomputes the prompt and what was emitted.</remarks>
    [Range(1, 100)]
    public int AttemptsMax { get; init; } = 6;

    /// <summary>Replicas that a sequence may lose at the same token, having had a slot there, before it is suspected to be the cause: its next run is then made while
    /// no other suspect runs, and it is refused if that loses a replica as well.</summary>
    /// <remarks>Protects the other requests from one that kills whatever runs it. Losses between which tokens came do not count, nor does a
    /// replica that was lost while the sequence waited in its queue, nor one that was merely silent.</remarks>
    [Range(1, 100)]
    public int LossesMax { get; init; } = 2;

    /// <summary>Sequences that one edge moves off draining replicas at a time; a move ends with the first token of the next replica.</summary>
    /// <remarks>The draining replica decodes on meanwhile, so a move costs its stream one prompt pass without a queue. Raise it where replicas take many prompts at once.</remarks>
    [Range(1, 10_000)]
    public int MovesMax { get; init; } = 2;

    /// <summary>Retries after losses that one edge may make at once; what exceeds them is delayed to <see cref="RetriesPerSecond"/>.</summary>
    /// <remarks>At least the streams of one replica: they all move when it dies.</remarks>
    [Range(1, 1_000_000)]
    public int RetriesBurst { get; init; } = 512;

    /// <summary>Rate at which the retry budget fills up again. Retries past it wait, so that losses cannot feed on themselves.</summary>
    [Range(0.1, 1_000_000)]
    public double RetriesPerSecond { get; init; } = 100;

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
