using System.ComponentModel.DataAnnotations;

namespace Cluster.Serving.Admission;

/// <summary>How requests wait for a model that is busy.</summary>
public sealed class FairQueueOptions
{
    public const string Section = "Queue";

    /// <summary>Requests that may wait for one model; more are answered 503.</summary>
    [Range(0, 1_000_000)]
    public int WaitingMax { get; set; } = 4096;

    /// <summary>Sequences a replica gets beyond its slots, so that a slot that falls free is taken at the next step.</summary>
    /// <remarks>These wait in the replica, in order of arrival: keep it small, or fairness suffers.</remarks>
    [Range(0, 1024)]
    public int SequencesAhead { get; set; } = 2;

    /// <summary>What a request is taken to generate until it has ended and the true number is known, at most, in tokens.</summary>
    [Range(1, 1_000_000)]
    public int TokensExpected { get; set; } = 256;
}
