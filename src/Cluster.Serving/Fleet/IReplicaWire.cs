using Cluster.Decoding;

namespace Cluster.Serving.Fleet;

/// <summary>How an edge reaches a replica on another process.</summary>
public interface IReplicaWire
{
    /// <summary>One sequence in a stream of its own: for replicas without <see cref="ReplicaSnapshot.HasLinks"/>.</summary>
    IAsyncEnumerable<SequenceDelta> GenerateAsync(string replicaId, SequenceJournal journal, CancellationToken cancellationToken);

    /// <summary>See <see cref="SequenceLinks.OpenAsync"/>.</summary>
    IAsyncEnumerable<SequenceDelta> LinkAsync(string replicaId, string link, CancellationToken cancellationToken);

    /// <summary>See <see cref="SequenceLinks.Begin"/>.</summary>
    Task BeginAsync(string replicaId, string link, SequenceJournal journal);

    /// <summary>See <see cref="SequenceLinks.Leave"/>.</summary>
    Task LeaveAsync(string replicaId, string link, SequenceKey sequence);
}

/// <summary>One attempt of one sequence, as deltas name it.</summary>
public readonly record struct SequenceKey(string RequestId, int Choice, int Attempt)
{
    public static SequenceKey Of(SequenceJournal journal) => new(journal.RequestId, journal.Choice, journal.Attempt);

    public static SequenceKey Of(SequenceDelta delta) => new(delta.RequestId, delta.Choice, delta.Attempt);
}
