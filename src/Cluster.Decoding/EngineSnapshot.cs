using System.Collections.Immutable;

namespace Cluster.Decoding;

/// <summary>An engine between two steps: plain values for metrics, routing and the invariants that tests check.</summary>
public sealed record EngineSnapshot
{
    public required EngineHealth Health { get; init; }

    /// <summary>Sequences that own a slot.</summary>
    public required int RunningSequences { get; init; }

    public required int WaitingSequences { get; init; }

    /// <summary>Tokens still to be processed for all accepted sequences: what is left of prompts and budgets.</summary>
    public required long OutstandingTokens { get; init; }

    public required int SlotsMax { get; init; }

    /// <summary>Who owns each slot, by slot number.</summary>
    public required ImmutableArray<SlotSnapshot> Slots { get; init; }

    public required EngineCounters Counters { get; init; }
}

public enum EngineHealth
{
    Ready,

    /// <summary>Takes no more; what runs is finishing or being handed over.</summary>
    Draining,

    /// <summary>A step has been running for longer than <see cref="EngineOptions.StuckAfter"/>: nothing is admitted.</summary>
    Stuck,

    /// <summary>The thread has ended.</summary>
    Stopped,
}

public enum SlotUse
{
    Free,
    Prefilling,
    Decoding,

    /// <summary>Holds a finished prompt for later requests that begin the same.</summary>
    Cached,
}

/// <param name="Use">What the slot is for.</param>
/// <param name="Sequence">Number of the owner in this engine, from 1; 0 where it has none.</param>
/// <param name="Tokens">Valid positions.</param>
public readonly record struct SlotSnapshot(SlotUse Use, long Sequence, int Tokens);

/// <summary>Totals since the engine started.</summary>
public readonly record struct EngineCounters
{
    public long Steps { get; init; }
    public long FailedSteps { get; init; }
    public long PromptTokens { get; init; }
    public long CachedPromptTokens { get; init; }
    public long EmittedTokens { get; init; }

    /// <summary>Of the emitted tokens, those of forced runs: no forward pass chose them.</summary>
    public long ForcedTokens { get; init; }

    /// <summary>Drafted tokens that were checked, and those that held.</summary>
    public long DraftedTokens { get; init; }

    public long AcceptedDraftTokens { get; init; }

    /// <summary>Slot copies for prefix sharing and for compaction, and the positions they moved.</summary>
    public long SlotCopies { get; init; }

    public long CopiedTokens { get; init; }
    public long FinishedSequences { get; init; }
    public long FailedSequences { get; init; }
    public long CancelledSequences { get; init; }
    public long RefusedSubmissions { get; init; }

    /// <summary>Sequences sent back to the queue because the cache could not hold all.</summary>
    public long Preemptions { get; init; }
}
