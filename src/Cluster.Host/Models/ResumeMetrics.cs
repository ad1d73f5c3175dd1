using System.Diagnostics.Metrics;
using Cluster.Decoding;
using Cluster.Serving.Resuming;

namespace Cluster.Host.Models;

/// <summary>Counts sequences that moved to another replica, by reason.</summary>
public sealed class ResumeMetrics(IMeterFactory meters) : IResumeObserver
{
    private readonly Counter<long> _handedOver = meters.Create("Cluster.Serving").CreateCounter<long>(
        "cluster.sequences.handed_over", "{sequence}", "Sequences that left a replica before their end.");

    public void OnHandedOver(string replicaId, SequenceErrorKind reason)
        => _handedOver.Add(1, new KeyValuePair<string, object?>("replica", replicaId), new KeyValuePair<string, object?>("reason", reason.ToString()));
}
