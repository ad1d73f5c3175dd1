using Cluster.Decoding.Models;
using Cluster.Grammar;
using Cluster.Grammar.Masks;
using Cluster.Tokenization;

namespace Cluster.Decoding.Steps;

/// <summary>
/// The sample phase: chooses the next token of each row whose tokens are all processed, and after drafts the ones after it, for as long
/// as each choice equals the guess. A choice depends on position and prefix alone, and a forced run on the tokens before it, so with
/// guesses or without the same tokens come out.
/// Writes into the plan only; nothing of it counts before commit.
/// </summary>
internal sealed class RowSampler : IDisposable
{
    /// <summary>Logits that are worth waking a thread for.</summary>
    private const int LogitsPerHelperMin = 1 << 16;

    private readonly IModel _model;
    private readonly Vocabulary _vocabulary;
    private readonly ForcedRuns _forcedRuns;
    private readonly EngineOptions _options;
    private readonly RowWorkers _workers;
    private readonly Sampler[] _samplers;
    private readonly int[] _ends;
    private readonly List<PlannedRow> _rows = [];
    private ModelBatch? _batch;

    /// <param name="isThreaded">False samples on the engine's thread alone, for tests that step an engine by hand.</param>
    public RowSampler(IModel model, Vocabulary vocabulary, ForcedRuns forcedRuns, EngineOptions options, bool isThreaded)
    {
        (_model, _vocabulary, _forcedRuns, _options) = (model, vocabulary, forcedRuns, options);
        _ends = [.. vocabulary.EndIds];
        int helpers = isThreaded && 2 * vocabulary.Size >= LogitsPerHelperMin ? options.SamplingThreads - 1 : 0;
        _workers = new RowWorkers($"samplers of {model.Info.Id}", helpers, TrySampleRow);
        _samplers = new Sampler[_workers.Count];
        for (int i = 0; i < _samplers.Length; i++) _samplers[i] = new Sampler(vocabulary.Size);
    }

    public void Sample(StepPlan plan, ModelBatch batch)
    {
        _rows.Clear();
        for (int i = 0; i < plan.Count; i++) if (plan[i].IsSampled) _rows.Add(plan[i]);
        _batch = batch;
        _workers.Run(_rows.Count, helpersMax: (int)((long)_rows.Count * _vocabulary.Size / LogitsPerHelperMin));
    }

    public void Dispose() => _workers.Dispose();

    private void TrySampleRow(int worker, int index)
    {
        PlannedRow row = _rows[index];
        try
        {
            SampleRow(_samplers[worker], row, _batch!);
        }
        catch (Exception exception)
        {
            row.Error = new SequenceError(SequenceErrorKind.Internal, $"choosing a token failed: {exception.GetType().Name}");
        }
    }

    private void SampleRow(Sampler sampler, PlannedRow row, ModelBatch batch)
    {
        Sequence sequence = row.Sequence;
        if (sequence.MaskError is { } error)
        {
            row.Error = new SequenceError(SequenceErrorKind.Internal, $"the grammar failed: {error.GetType().Name}");
            return;
        }
        int modelRow = row.ChunkRow >= 0 ? row.ChunkRow : row.DecodeRow;
        int first = batch.Rows[modelRow].TokensCount - 1 - row.Drafts.Count;
        GrammarMatcher? matcher = sequence.Matcher;
        TokenMask? mask = sequence.Mask;
        while (true)
        {
            int ahead = row.Chosen.Count;
            SampledToken sampled = SampleOne(sampler, _model.Logits(modelRow, first + ahead), sequence, mask, ahead);
            if (sampled.Token < 0)
            {
                row.Error = new SequenceError(SequenceErrorKind.ModelFailed, "the model's logits are not numbers");
                return;
            }
            row.Chosen.Add(sampled.Token);
            row.Pressures.Add(sampled.Pressure);
            row.Logprob = sampled.Logprob;
            bool isGuessed = ahead < row.Drafts.Count && sampled.Token == row.Drafts[ahead];
            if (!isGuessed || !TryGoOn(row, sampled.Token, ref matcher, out mask)) return;
        }
    }

    private SampledToken SampleOne(Sampler sampler, ReadOnlySpan<float> logits, Sequence sequence, TokenMask? mask, int ahead)
    {
        SequenceJournal journal = sequence.Journal;
        int position = sequence.Emitted + ahead;
        return sampler.Sample(logits[.._vocabulary.Size], new SamplingRequest
        {
            Options = journal.Sampling,
            Mask = mask,
            History = sequence.History,
            Choice = journal.Choice,
            Position = position,
            Excluded = position < journal.Sampling.TokensMin ? _ends : [],
            MeasuresPressure = _options.MeasuresPressure,
        });
    }

    /// <summary>Whether the guess after a guess that held may be looked at: not past an end, nor where commit has more to do than
    /// append. Takes a forced run along that was guessed as a whole.</summary>
    private bool TryGoOn(PlannedRow row, int token, ref GrammarMatcher? matcher, out TokenMask? mask)
    {
        mask = null;
        Sequence sequence = row.Sequence;
        if (_vocabulary.IsEnd(token) || sequence.Journal.Sampling.StopTokens.AsSpan().Contains(token)) return false;
        if (matcher is not { } current) return true;
        if (!current.TryAdvance(token, out GrammarMatcher next) || !TryTakeForced(row, ref next) || next.IsComplete) return false;
        bool isNarrowed = sequence.BudgetNarrowed;
        mask = BudgetMask.Get(next, sequence.TokensLeft - row.Chosen.Count, ref isNarrowed);
        sequence.BudgetNarrowed = isNarrowed;
        matcher = next;
        return true;
    }

    /// <returns>False where a run comes next that was not guessed: commit appends it.</returns>
    private bool TryTakeForced(PlannedRow row, ref GrammarMatcher matcher)
    {
        Sequence sequence = row.Sequence;
        if (!_forcedRuns.IsOnFor(sequence) || matcher.GetForcedBytes().IsEmpty) return true;
        GrammarMatcher after = matcher;
        ReadOnlySpan<int> run = _forcedRuns.Find(Context(row), ref after, sequence.TokensLeft - row.Chosen.Count);
        if (!row.Drafts.AsSpan(row.Chosen.Count).StartsWith(run)) return false;
        row.Chosen.AddRange(run);
        foreach (int _ in run) row.Pressures.Add(null);
        row.ForcedCount += run.Length;
        matcher = after;
        return true;
    }

    /// <summary>The last tokens of output and choices together.</summary>
    private static int[] Context(PlannedRow row)
    {
        ReadOnlySpan<int> emitted = row.Sequence.Tokens[row.Sequence.PromptLength..];
        int fromEmitted = Math.Clamp(ForcedRuns.ContextTokens - row.Chosen.Count, 0, emitted.Length);
        return [.. emitted[^fromEmitted..], .. row.Chosen];
    }
}
