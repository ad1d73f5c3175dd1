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

    /// <summary>What <see cref="ServedModel.Fingerprint"/> it has loaded; empty while it is not known.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>See <see cref="Fleet.ModelOffer.Version"/>; empty where it is not known.</summary>
    public string Version { get; init; } = "";

    /// <summary>Positions of the cache for keys and values, in tokens, and how many of them running sequences fill.</summary>
    public long CacheTokensMax { get; init; }
    public long CacheTokensUsed { get; init; }

    /// <summary>Prompt tokens since it was loaded, and those of them that came from the prefix cache.</summary>
    public long PromptTokens { get; init; }
    public long CachedPromptTokens { get; init; }

    /// <summary>It gives an edge the deltas of all its sequences in one stream; see <see cref="Fleet.SequenceLinks"/>.</summary>
    public bool HasLinks { get; init; }

    /// <summary>Why it failed; empty where it did not.</summary>
    public string Problem { get; init; } = "";

    /// <summary>Whether a sequence that was prepared for <paramref name="fingerprint"/> can run here; an unknown one can be tried.</summary>
    public bool Runs(string fingerprint) => Fingerprint.Length == 0 || fingerprint.Length == 0 || Fingerprint == fingerprint;
}

public enum ReplicaHealth { Loading, Ready, Draining, Failed, Lost }
