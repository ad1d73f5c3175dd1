using Cluster.Decoding.Slots;

namespace Cluster.Decoding;

/// <summary>Running totals of one engine; written on its thread, under its lock.</summary>
internal sealed class EngineTotals
{
    public long Steps { get; set; }
    public long FailedSteps { get; set; }
    public long PromptTokens { get; set; }
    public long CachedPromptTokens { get; set; }
    public long EmittedTokens { get; set; }
    public long ForcedTokens { get; set; }
    public long DraftedTokens { get; set; }
    public long AcceptedDraftTokens { get; set; }
    public long FinishedSequences { get; set; }
    public long FailedSequences { get; set; }
    public long CancelledSequences { get; set; }
    public long RefusedSubmissions { get; set; }

    public EngineCounters ToCounters(SlotPool pool, long preemptions) => new()
    {
        Steps = Steps,
        FailedSteps = FailedSteps,
        PromptTokens = PromptTokens,
        CachedPromptTokens = CachedPromptTokens,
        EmittedTokens = EmittedTokens,
        ForcedTokens = ForcedTokens,
        DraftedTokens = DraftedTokens,
        AcceptedDraftTokens = AcceptedDraftTokens,
        SlotCopies = pool.Copies,
        CopiedTokens = pool.CopiedTokens,
        FinishedSequences = FinishedSequences,
        FailedSequences = FailedSequences,
        CancelledSequences = CancelledSequences,
        RefusedSubmissions = RefusedSubmissions,
        Preemptions = preemptions,
    };
}
