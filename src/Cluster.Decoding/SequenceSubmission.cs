using Cluster.Grammar;

namespace Cluster.Decoding;

/// <summary>One sequence handed to an engine.</summary>
public sealed record SequenceSubmission
{
    public required SequenceJournal Journal { get; init; }

    /// <summary>The journal's <see cref="SequenceJournal.Grammar"/>, compiled by the caller; null for free text.</summary>
    public CompiledGrammar? Grammar { get; init; }

    /// <summary>
    /// Receives what each step commits; the last delta carries <see cref="SequenceDelta.Finish"/>. Called on the engine's thread, so it
    /// must neither block nor throw (one that throws cancels its own sequence): writing to a channel is right.
    /// </summary>
    public required Action<SequenceDelta> Sink { get; init; }

    /// <summary>Called when the sequence gets its slot, before its first step there: what kills a replica from here on may be this sequence.
    /// On the engine's thread and under its lock, so it must neither block nor throw.</summary>
    public Action? Began { get; init; }

    /// <summary>Takes effect at the next step: the slot is free after it, and the sink gets
    /// <see cref="FinishReason.Cancelled"/>.</summary>
    public CancellationToken CancellationToken { get; init; }
}
