using System.Diagnostics;
using System.Numerics;
using Cluster.Decoding.Slots;
using Cluster.Grammar;
using Cluster.Tokenization;

namespace Cluster.Decoding.Steps;

/// <summary>
/// The commit phase: makes what a step chose true, and finds out which sequences have ended. Nobody sees any of it before
/// the whole step is through.
/// </summary>
internal sealed class Committer(Scheduler scheduler, SlotPool pool, ForcedRuns forcedRuns, Vocabulary vocabulary, Outbox outbox,
    EngineTotals totals)
{
    public void Commit(StepPlan plan)
    {
        for (int i = 0; i < plan.Count; i++)
        {
            PlannedRow row = plan[i];
            if (row.TokensFed == 0) continue;
            if (row.Error is { } error) Fail(row.Sequence, error, isValid: false);
            else TryCommit(row);
        }
    }

    /// <summary>Settles a sequence before its first step here: it may be at its end already, or begin with a forced run.</summary>
    /// <returns>False if it has ended.</returns>
    public bool TryBegin(Sequence sequence)
    {
        try
        {
            return TrySettle(sequence);
        }
        catch (Exception exception)
        {
            FailByBug(sequence, exception);
            return false;
        }
    }

    public void Finish(Sequence sequence, FinishReason reason)
    {
        scheduler.Remove(sequence, isValid: true);
        outbox.Add(sequence, reason);
        if (reason == FinishReason.Cancelled) totals.CancelledSequences++;
        else totals.FinishedSequences++;
    }

    public void Fail(Sequence sequence, SequenceError error, bool isValid)
    {
        scheduler.Remove(sequence, isValid);
        outbox.Add(sequence, FinishReason.Failed, error);
        totals.FailedSequences++;
    }

    private void TryCommit(PlannedRow row)
    {
        try
        {
            CommitRow(row);
        }
        catch (Exception exception)
        {
            FailByBug(row.Sequence, exception);
        }
    }

    /// <summary>Grammar and tokenizer run inside a commit; what they throw ends the one sequence it is about.</summary>
    private void FailByBug(Sequence sequence, Exception exception)
    {
        if (sequence.Phase == SequencePhase.Ended) return;
        var error = new SequenceError(SequenceErrorKind.Internal, $"committing a token failed: {exception.GetType().Name}");
        Fail(sequence, error, isValid: false);
    }

    private void CommitRow(PlannedRow row)
    {
        Sequence sequence = row.Sequence;
        int promptBefore = Math.Min(sequence.Processed, sequence.PromptLength);
        sequence.Processed += row.TokensFed;
        totals.PromptTokens += Math.Min(sequence.Processed, sequence.PromptLength) - promptBefore;
        totals.DraftedTokens += row.Drafts.Count;
        CountPredicted(row);
        CountForced(sequence, row.ForcedCount);
        for (int i = 0; i < row.Chosen.Count; i++)
        {
            // A guess that held has been processed in this step; the last choice never has.
            if (i > 0)
            {
                sequence.Processed++;
                totals.AcceptedDraftTokens++;
            }
            if (row.Pressures[i] is { } pressure) sequence.Clock.Chose(pressure);
            if (!TryAppend(sequence, row.Chosen[i], row.Logprob)) return;
        }
        if (row.Chosen.Count > 0)
        {
            if (!TrySettle(sequence)) return;
            KeepGuessed(row);
            if (sequence.Phase == SequencePhase.Prefilling) pool.Promote(sequence);
        }
        outbox.Add(sequence);
    }

    /// <summary>Guesses that came true without a choice, in a forced run, have been processed as well. The last token never counts: its
    /// logits are still to be asked for.</summary>
    private void KeepGuessed(PlannedRow row)
    {
        Sequence sequence = row.Sequence;
        for (int i = row.Chosen.Count - 1; i < row.Drafts.Count && sequence.Pending > 1; i++)
        {
            if (sequence.Tokens[sequence.Processed] != row.Drafts[i]) return;
            sequence.Processed++;
            totals.AcceptedDraftTokens++;
        }
    }

    private static void CountPredicted(PlannedRow row)
    {
        if (row.PredictedDrafts == 0) return;

        // As many guesses held as there are choices after the first.
        int held = Math.Clamp(row.Chosen.Count - 1, 0, 64);
        ulong accepted = held == 64 ? row.PredictedDrafts : row.PredictedDrafts & ((1UL << held) - 1);
        row.Sequence.Clock.Predicted(BitOperations.PopCount(row.PredictedDrafts), BitOperations.PopCount(accepted));
    }

    private void CountForced(Sequence sequence, int tokens)
    {
        totals.ForcedTokens += tokens;
        sequence.Clock.Forced(tokens);
    }

    private bool TryAppend(Sequence sequence, int token, TokenLogprob? logprob)
    {
        bool isStop = sequence.Matcher is null && sequence.Journal.Sampling.StopTokens.AsSpan().Contains(token);
        if (isStop || vocabulary.IsEnd(token))
        {
            Finish(sequence, EndOf(sequence));
            return false;
        }
        if (sequence.Matcher is { } matcher)
        {
            if (!matcher.TryAdvance(token, out GrammarMatcher next))
            {
                Fail(sequence, new SequenceError(SequenceErrorKind.Internal, "a chosen token is not allowed by the grammar"),
                    isValid: true);
                return false;
            }
            sequence.Matcher = next;
        }
        sequence.Append(token);
        totals.EmittedTokens++;
        if (logprob is not null) (sequence.Logprobs ??= []).Add(logprob);
        return true;
    }

    /// <summary>Appends what is forced, and ends the sequence where nothing but the end is left: neither needs the model.</summary>
    private bool TrySettle(Sequence sequence)
    {
        int forced = forcedRuns.Append(sequence);
        totals.EmittedTokens += forced;
        CountForced(sequence, forced);
        if (sequence.Matcher is not { } matcher)
        {
            if (sequence.TokensLeft > 0) return true;
            Finish(sequence, FinishReason.Length);
            return false;
        }
        if (!matcher.IsComplete)
        {
            if (sequence.TokensLeft > 0) return true;
            Fail(sequence, new SequenceError(SequenceErrorKind.Internal, "the budget ended inside the document"), isValid: true);
            return false;
        }
        bool isNarrowed = sequence.BudgetNarrowed;
        bool isEnd = BudgetMask.AllowsOnlyEnd(BudgetMask.Get(matcher, sequence.TokensLeft, ref isNarrowed), vocabulary);
        if (!isEnd && sequence.TokensLeft > 0) return true;
        sequence.BudgetNarrowed = isNarrowed;
        Finish(sequence, EndOf(sequence));
        return false;
    }

    private static FinishReason EndOf(Sequence sequence)
        => sequence.Matcher is not null && sequence.BudgetNarrowed ? FinishReason.ForceClosed : FinishReason.Stop;
}
