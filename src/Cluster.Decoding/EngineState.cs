using System.Collections.Immutable;
using Cluster.Decoding.Models;
using Cluster.Decoding.Slots;
using Cluster.Decoding.Steps;
using Cluster.Grammar;
using Cluster.Tokenization;

namespace Cluster.Decoding;

/// <summary>
/// What an engine knows between two steps: queue, slots, totals, drain. Touched only under the engine's lock; knows no threads and does
/// not run the model.
/// </summary>
internal sealed class EngineState
{
    private readonly IModel _model;
    private readonly EngineOptions _options;
    private readonly SlotPool _pool;
    private readonly Scheduler _scheduler;
    private readonly Committer _committer;
    private readonly List<Sequence> _swept = [];
    private TaskCompletionSource? _drained;
    private DateTimeOffset _drainDeadline = DateTimeOffset.MaxValue;
    private long _lastNumber;

    public EngineState(IModel model, ITokenizer tokenizer, ForcedRuns forcedRuns, EngineOptions options)
    {
        _model = model;
        _options = options;
        Outbox = new Outbox(tokenizer.Vocabulary.Size);
        _pool = new SlotPool(model, options);
        _scheduler = new Scheduler(model.Info, options, _pool);
        _committer = new Committer(_scheduler, _pool, forcedRuns, tokenizer.Vocabulary, Outbox, Totals);
    }

    public Outbox Outbox { get; }

    public EngineTotals Totals { get; } = new();

    public bool IsStopped { get; private set; }

    public bool IsStuck { get; set; }

    public EngineHealth Health
        => IsStopped ? EngineHealth.Stopped : IsStuck ? EngineHealth.Stuck : _drained is null ? EngineHealth.Ready : EngineHealth.Draining;

    public bool HasWork => _scheduler.HasWork || _drained is { Task.IsCompleted: false };

    public AdmissionOutcome Admit(SequenceSubmission submission, GrammarMatcher? matcher, in Demand demand, DateTimeOffset now)
    {
        if (IsStopped || _drained is not null) return AdmissionOutcome.Draining;
        if (IsStuck) return AdmissionOutcome.Overloaded;
        AdmissionOutcome outcome = Admission.Decide(demand, _scheduler.Load, _model.Info, _options);
        if (outcome is AdmissionOutcome.Admitted or AdmissionOutcome.Deferred)
        {
            _scheduler.Enqueue(new Sequence(submission, ++_lastNumber, matcher, now));
        }
        return outcome;
    }

    /// <summary>Sweeps, closes holes, admits, plans.</summary>
    public void Plan(StepPlan plan, DateTimeOffset now)
    {
        plan.Clear();
        Outbox.Now = now;
        Sweep(now);
        _pool.Compact();
        _scheduler.PreemptBeyondCache();
        _pool.Compact();
        while (_scheduler.TryAdmit() is { } sequence)
        {
            sequence.Clock.Admitted(now);
            if (!_committer.TryBegin(sequence)) continue;
            _pool.Acquire(sequence);
            sequence.Submission.Began?.Invoke();
            Totals.CachedPromptTokens += sequence.CachedPromptTokens;
        }
        _scheduler.Plan(plan);
    }

    public void Commit(StepPlan plan, DateTimeOffset now)
    {
        Outbox.Now = now;
        Totals.Steps++;
        _committer.Commit(plan);
    }

    /// <summary>Ends every running sequence; what their slots hold is not trusted.</summary>
    /// <param name="andWaiting">Also those in the queue.</param>
    public void FailRunning(SequenceError error, bool andWaiting = false)
    {
        _swept.Clear();
        _swept.AddRange(_scheduler.Running);
        if (andWaiting) _swept.AddRange(_scheduler.Waiting);
        foreach (Sequence sequence in _swept) _committer.Fail(sequence, error, isValid: false);
    }

    public Task BeginDrain(DateTimeOffset deadline)
    {
        _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (deadline < _drainDeadline) _drainDeadline = deadline;
        return _drained.Task;
    }

    public void CompleteDrain()
    {
        if (!_scheduler.HasWork) _drained?.TrySetResult();
    }

    public void Stop(DateTimeOffset now)
    {
        IsStopped = true;
        BeginDrain(now);
    }

    public EngineSnapshot TakeSnapshot()
    {
        var slots = ImmutableArray.CreateBuilder<SlotSnapshot>(_pool.Slots.Length);
        foreach (Slot slot in _pool.Slots) slots.Add(new SlotSnapshot(slot.Use, slot.Owner?.Number ?? 0, slot.Tokens));
        long outstanding = 0;
        foreach (Sequence sequence in _scheduler.Running) outstanding += sequence.OutstandingTokens;
        return new EngineSnapshot
        {
            Health = Health,
            RunningSequences = _scheduler.Running.Length,
            WaitingSequences = _scheduler.Waiting.Length,
            OutstandingTokens = outstanding + _scheduler.WaitingTokens,
            SlotsMax = Admission.SequencesMax(_model.Info, _options),
            Slots = slots.MoveToImmutable(),
            Counters = Totals.ToCounters(_pool, _scheduler.Preemptions),
        };
    }

    /// <summary>Ends who was cancelled, and on a drain who waits and, past the deadline, who runs.</summary>
    private void Sweep(DateTimeOffset now)
    {
        _swept.Clear();
        foreach (Sequence sequence in _scheduler.Waiting) if (_drained is not null || IsCancelled(sequence)) _swept.Add(sequence);
        bool isLate = now >= _drainDeadline;
        foreach (Sequence sequence in _scheduler.Running) if (isLate || IsCancelled(sequence)) _swept.Add(sequence);
        foreach (Sequence sequence in _swept)
        {
            if (IsCancelled(sequence)) _committer.Finish(sequence, FinishReason.Cancelled);
            else _committer.Fail(sequence, new SequenceError(SequenceErrorKind.Draining, "the replica is draining"), isValid: true);
        }
    }

    private static bool IsCancelled(Sequence sequence)
        => sequence.IsCancelled || sequence.Submission.CancellationToken.IsCancellationRequested;
}
