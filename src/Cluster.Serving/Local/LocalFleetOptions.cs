using System.ComponentModel.DataAnnotations;

namespace Cluster.Serving.Local;

/// <summary>How one process changes its replicas while it serves (embedded mode).</summary>
public sealed record LocalFleetOptions
{
    public const string Section = "Cluster:Local";

    /// <summary>Replicas that one model may have.</summary>
    [Range(1, 4096)]
    public int ReplicasMax { get; init; } = 64;

    /// <summary>Longest time that requests run on with a replica that was replaced or taken away; what is left then ends with an error.</summary>
    /// <remarks>Its memory is held meanwhile. At least the time of the longest request (<c>OpenAI:RequestTimeMax</c>), unless memory is short.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan RetireMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a replaced version must have had no request before it goes: requests that were just accepted are about to begin.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan QuietMin { get; init; } = TimeSpan.FromSeconds(2);
}
