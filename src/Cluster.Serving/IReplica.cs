using Cluster.Decoding;

namespace Cluster.Serving;

/// <summary>One loaded model, on this machine or another.</summary>
public interface IReplica
{
    /// <summary><c>{model}/{n}</c>.</summary>
    string Id { get; }

    string ModelId { get; }

    /// <summary>
    /// Runs (or continues) one sequence and streams what it commits. The last delta carries <see cref="SequenceDelta.Finish"/>;
    /// a stream that ends or throws without one means the replica was lost.
    /// </summary>
    IAsyncEnumerable<SequenceDelta> GenerateAsync(SequenceJournal journal, CancellationToken cancellationToken);

    /// <summary>Load as last known; never a remote call.</summary>
    ReplicaSnapshot Snapshot { get; }
}

/// <summary>A replica's load and health at one moment.</summary>
public sealed record ReplicaSnapshot
{
    public required string Id { get; init; }
    public required string ModelId { get; init; }
    public string Device { get; init; } = "cpu";
    public string Silo { get; init; } = "local";
    public ReplicaHealth Health { get; init; }
    public int RunningSequences { get; init; }
    public int WaitingSequences { get; init; }

    /// <summary>Tokens still to be processed for all admitted sequences, prompt and budget.</summary>
    public long OutstandingTokens { get; init; }
    public int SlotsMax { get; init; }
    public int SlotsUsed { get; init; }
    public string Fingerprint { get; init; } = "";
}

public enum ReplicaHealth { Loading, Ready, Draining, Failed, Lost }
