using Cluster.Decoding.Models;
using Cluster.Grammar;
using Cluster.Grammar.Masks;
using Cluster.Tokenization;

namespace Cluster.Decoding.Steps;

/// <summary>
/// The sample phase: chooses the next token of each row whose tokens are all processed, and after drafts the ones after it, for as long
/// as each choice equals the guess. A choice depends on position and prefix alone, so with guesses or without the same tokens come out.
/// Writes into the plan only; nothing of it counts before commit.
/// </summary>
internal sealed class RowSampler(IModel model, Vocabulary vocabulary, EngineOptions options)
{
    private readonly Sampler _sampler = new(vocabulary.Size);
    private readonly int[] _ends = [.. vocabulary.EndIds];

    public void Sample(StepPlan plan, ModelBatch batch)
    {
        for (int i = 0; i < plan.Count; i++)
        {
            PlannedRow row = plan[i];
            if (!row.IsSampled) continue;
            try
            {
                SampleRow(row, batch);
            }
            catch (Exception exception)
            {
                row.Error = new SequenceError(SequenceErrorKind.Internal, $"choosing a token failed: {exception.GetType().Name}");
            }
        }
    }

    private void SampleRow(PlannedRow row, ModelBatch batch)
    {
        Sequence sequence = row.Sequence;
        if (sequence.MaskError is { } error)
        {
            row.Error = new SequenceError(SequenceErrorKind.Internal, $"the grammar failed: {error.GetType().Name}");
            return;
        }
        int modelRow = row.ChunkRow >= 0 ? row.ChunkRow : row.DecodeRow;
        int first = batch.Rows[modelRow].TokensCount - 1 - row.DraftsFed;
        ReadOnlySpan<int> drafts = batch.TokensOf(batch.Rows[modelRow])[(first + 1)..];
        GrammarMatcher? matcher = sequence.Matcher;
        TokenMask? mask = sequence.Mask;
        for (int i = 0; ; i++)
        {
            SampledToken sampled = SampleOne(model.Logits(modelRow, first + i), sequence, mask, i);
            if (sampled.Token < 0)
            {
                row.Error = new SequenceError(SequenceErrorKind.ModelFailed, "the model's logits are not numbers");
                return;
            }
            row.Chosen.Add(sampled.Token);
            row.Pressures.Add(sampled.Pressure);
            row.Logprob = sampled.Logprob;
            if (i == drafts.Length || sampled.Token != drafts[i] || !TryGoOn(sequence, sampled.Token, i + 1, ref matcher, out mask)) return;
        }
    }

    private SampledToken SampleOne(ReadOnlySpan<float> logits, Sequence sequence, TokenMask? mask, int ahead)
    {
        SequenceJournal journal = sequence.Journal;
        int position = sequence.Emitted + ahead;
        return _sampler.Sample(logits[..vocabulary.Size], new SamplingRequest
        {
            Options = journal.Sampling,
            Mask = mask,
            History = sequence.History,
            Choice = journal.Choice,
            Position = position,
            Excluded = position < journal.Sampling.TokensMin ? _ends : [],
            MeasuresPressure = options.MeasuresPressure,
        });
    }

    /// <summary>Whether the guess after a guess that held may be looked at: not past an end, nor where commit has more to do than
    /// append.</summary>
    private bool TryGoOn(Sequence sequence, int token, int ahead, ref GrammarMatcher? matcher, out TokenMask? mask)
    {
        mask = null;
        if (vocabulary.IsEnd(token) || sequence.Journal.Sampling.StopTokens.AsSpan().Contains(token)) return false;
        if (matcher is not { } current) return true;
        if (!current.TryAdvance(token, out GrammarMatcher next) || next.IsComplete) return false;
        if (options.ForcedRuns && !next.GetForcedBytes().IsEmpty) return false;
        bool isNarrowed = sequence.BudgetNarrowed;
        mask = BudgetMask.Get(next, sequence.TokensLeft - ahead, ref isNarrowed);
        sequence.BudgetNarrowed = isNarrowed;
        matcher = next;
        return true;
    }
}
