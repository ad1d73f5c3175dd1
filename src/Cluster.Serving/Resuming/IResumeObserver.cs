using Cluster.Decoding;

namespace Cluster.Serving.Resuming;

/// <summary>A sequence left a replica before its end.</summary>
/// <param name="RequestId">The request; the sequence is its <paramref name="Choice"/>.</param>
/// <param name="Choice">Index of the choice within the request.</param>
/// <param name="Attempt">The run that ended, from 0.</param>
/// <param name="ReplicaId">The replica that it left.</param>
/// <param name="Reason">Why.</param>
/// <param name="Position">Tokens emitted so far: the next replica continues here.</param>
public readonly record struct HandOver(string RequestId, int Choice, int Attempt, string ReplicaId, SequenceErrorKind Reason, int Position);

/// <summary>Hears of what resuming does.</summary>
public interface IResumeObserver
{
    void OnHandedOver(in HandOver handOver);

    /// <summary>The sequence goes on: its first token since it left a replica, this long after it left.</summary>
    void OnResumed(string modelId, TimeSpan gap)
    {
    }

    /// <summary>A replica's stream left a position out, or told another token where one was told before; the sequence goes on elsewhere or without it.</summary>
    /// <param name="invariant">One of <see cref="StreamInvariants.Names"/>.</param>
    void OnBreach(string invariant)
    {
    }

    /// <summary>The retry budget is spent: a retry waits this long.</summary>
    void OnRetryDelayed(TimeSpan delay);

    /// <summary>A sequence was refused because replicas died whenever they ran it.</summary>
    void OnPoisonRefused(string requestId, int choice);

    /// <summary>A sequence came to its end on the attempt of <paramref name="journal"/>; <paramref name="last"/> is its last delta.</summary>
    void OnEnded(string modelId, SequenceJournal journal, SequenceDelta last)
    {
    }
}

/// <summary>What must hold of every stream of a replica.</summary>
public static class StreamInvariants
{
    public const string Position = "stream_position", RepeatedToken = "stream_repeated_token";

    public static IReadOnlyList<string> Names { get; } = [Position, RepeatedToken];
}
