using Cluster.Decoding.Models;
using Cluster.Decoding.Steps;
using Cluster.Tokenization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Decoding;

/// <summary>
/// Continuous batching over one model, on one thread of its own. Everything public may be called from any thread.
/// <code>
///   Submit ──► queue ──► 1 plan ─► 2 reserve ─► 3 mask ─► 4 execute ─► 5 sample ─► 6 commit ──► sinks
///                          ▲                                                        │
///                          └────────────────────────── next step ◄──────────────────┘
/// </code>
/// <list type="number">
/// <item>Plan: sweep out who has gone, admit from the queue, decide whose turn the chunk is.</item>
/// <item>Reserve: slots without holes, shared beginnings copied, the batch written.</item>
/// <item>Mask: what the grammars allow, computed on another thread meanwhile.</item>
/// <item>Execute: the model runs; a failed step is repeated, since it reads nothing that it has written.</item>
/// <item>Sample: one token per row, or several where guesses held.</item>
/// <item>Commit: tokens, ends and forced runs become true together, and only then does a sink hear of them.</item>
/// </list>
/// A step is a transaction: when it fails, its sequences fail or are repeated, and the engine goes on.
/// </summary>
public sealed partial class Engine : IDisposable
{
    private readonly Lock _gate = new();
    private readonly IModel _model;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Vocabulary _vocabulary;
    private readonly EngineState _state;
    private readonly StepPlan _plan = new();
    private readonly ModelBatch _batch;
    private readonly BatchBuilder _builder;
    private readonly MaskLookahead _lookahead;
    private readonly MaskWorker _masks;
    private readonly RowSampler _sampler;
    private readonly Watchdog _watchdog;
    private readonly EngineMetrics _metrics;
    private readonly EngineThread? _thread;

    /// <param name="model">Owned by the engine from here on.</param>
    /// <param name="tokenizer">Its vocabulary spells the model's tokens; forced text is tokenised with it.</param>
    /// <param name="options">Bounds; violations throw here, all at once.</param>
    /// <param name="time">The only clock.</param>
    /// <param name="logger">Gets states and faults, never text or tokens.</param>
    /// <exception cref="ArgumentException">Options out of bounds, or a tokenizer with more tokens than the model has logits.</exception>
    public Engine(IModel model, ITokenizer tokenizer, EngineOptions options, TimeProvider time, ILogger<Engine>? logger = null)
        : this(model, tokenizer, options, time, logger, EngineDrive.OwnThread)
    {
    }

    internal Engine(IModel model, ITokenizer tokenizer, EngineOptions options, TimeProvider time, ILogger<Engine>? logger,
        EngineDrive drive)
    {
        EngineOptionsValidation.ThrowIfInvalid(options, model.Info, tokenizer.Vocabulary);
        _model = model;
        _time = time;
        _logger = logger ?? NullLogger<Engine>.Instance;
        _vocabulary = tokenizer.Vocabulary;
        Options = options;
        var forcedRuns = new ForcedRuns(tokenizer, options);
        _state = new EngineState(model, tokenizer, forcedRuns, options);
        _batch = BatchBuilder.NewBatch(model.Info, options);
        _builder = new BatchBuilder(model.Info, options, new Drafter(forcedRuns, _vocabulary, options));
        _lookahead = new MaskLookahead(_vocabulary, options.LookaheadStatesMax);
        _masks = new MaskWorker($"masks of {model.Info.Id}", time, _lookahead, isThreaded: drive != EngineDrive.ByHand);
        _sampler = new RowSampler(model, _vocabulary, forcedRuns, options, isThreaded: drive != EngineDrive.ByHand);
        _metrics = new EngineMetrics(model.Info, options.Name, () => Snapshot);
        _watchdog = new Watchdog(_gate, _state, model, options, time, _logger, Deliver);
        if (drive == EngineDrive.OwnThread) _thread = new EngineThread(this, $"engine of {model.Info.Id}");
    }

    public ModelInfo Model => _model.Info;

    public EngineOptions Options { get; }

    /// <summary>The state between two steps; cheap enough to poll.</summary>
    public EngineSnapshot Snapshot
    {
        get
        {
            lock (_gate) return _state.TakeSnapshot();
        }
    }

    /// <summary>Accepts or refuses a sequence, at once and by arithmetic alone. Replays the journal's emitted tokens through the grammar
    /// here, on the caller's thread.</summary>
    public AdmissionOutcome Submit(SequenceSubmission submission)
    {
        AdmissionOutcome outcome = Submissions.Check(submission, _vocabulary, Options, out var matcher, out Demand demand);
        lock (_gate)
        {
            if (outcome == AdmissionOutcome.Admitted) outcome = _state.Admit(submission, matcher, demand, _time.GetUtcNow());
            if (outcome is not (AdmissionOutcome.Admitted or AdmissionOutcome.Deferred)) _state.Totals.RefusedSubmissions++;
        }
        _metrics.CountSubmission(outcome);
        _thread?.Wake();
        return outcome;
    }

    /// <summary>
    /// Stops admitting. Waiting sequences are handed back at once (<see cref="SequenceErrorKind.Draining"/>), running ones after
    /// <paramref name="grace"/> unless they end by themselves. Done when none is left; the engine can then be disposed.
    /// </summary>
    public Task DrainAsync(TimeSpan grace, CancellationToken cancellationToken = default)
    {
        Task drained;
        bool isFirst;
        lock (_gate)
        {
            isFirst = _state.Health is EngineHealth.Ready or EngineHealth.Stuck;
            drained = _state.BeginDrain(_time.GetUtcNow() + grace);
        }
        if (isFirst) LogDraining(_logger, Model.Id);
        _thread?.Wake();
        return drained.WaitAsync(cancellationToken);
    }

    /// <summary>Hands back whatever is left, ends the thread and disposes the model.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_state.IsStopped) return;
            _state.Stop(_time.GetUtcNow());
        }
        bool isEnded = _thread?.TryStop(Options.StuckAfter) ?? true;
        if (_thread is null) HandBackAll();
        _watchdog.Dispose();
        _metrics.Dispose();

        // A thread that is stuck inside the model still uses both.
        if (!isEnded) return;
        _masks.Dispose();
        _sampler.Dispose();
        _model.Dispose();
    }

    /// <summary>Whether a step would do something.</summary>
    internal bool HasWork
    {
        get
        {
            lock (_gate) return _state.HasWork;
        }
    }

    /// <summary>One step, see the class.</summary>
    /// <returns>False if there was nothing to do.</returns>
    internal bool Step()
    {
        long started = _time.GetTimestamp();
        bool isSampled = false;
        try
        {
            lock (_gate)
            {
                // 1. Plan, 2. Reserve
                _state.Plan(_plan, _time.GetUtcNow());
                if (_plan.Count > 0) _builder.Build(_plan, _batch);
            }
            if (_plan.Count > 0)
            {
                // 3. Mask
                _masks.Start(_plan);

                // 4. Execute
                isSampled = TryExecute();
                _masks.Wait();

                // 5. Sample
                if (isSampled) _sampler.Sample(_plan, _batch);
            }
        }
        catch (Exception exception)
        {
            FailRunning(exception, exception is ModelException ? SequenceErrorKind.ModelFailed : SequenceErrorKind.Internal);
            isSampled = false;
        }

        // 6. Commit
        Commit(isSampled);
        if (_plan.Count > 0) _metrics.CountStep(_time.GetElapsedTime(started), _plan.Tokens, _state.Totals, _masks.NarrowedByFuel, _lookahead.Count);
        return _plan.Count > 0;
    }

    /// <summary>Runs the batch, again where it fails; false if its sequences are lost.</summary>
    private bool TryExecute()
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                _watchdog.BeginStep();
                _model.Execute(_batch);
                return _watchdog.TryEndStep();
            }
            catch (Exception exception)
            {
                _state.Totals.FailedSteps++;
                LogStepFailed(_logger, exception.GetType().Name, Model.Id, attempt + 1);
                if (!_watchdog.TryEndStep()) return false;
                if (attempt < Options.StepRetriesMax) continue;
                FailRunning(exception, SequenceErrorKind.ModelFailed);
                return false;
            }
        }
    }

    private void Commit(bool isSampled)
    {
        List<Delivery> deliveries;
        DateTimeOffset now = _time.GetUtcNow();
        lock (_gate)
        {
            if (isSampled) _state.Commit(_plan, now);
            deliveries = _state.Outbox.Take();
        }
        _metrics.CountEnded(deliveries, now);
        Deliver(deliveries);
        lock (_gate) _state.CompleteDrain();
    }

    /// <summary>Called by the watchdog, too, while the engine's thread is stuck.</summary>
    private void Deliver(List<Delivery> deliveries)
    {
        foreach (var (_, delta) in deliveries)
        {
            if (delta.Error is not { } error) continue;
            _metrics.CountFailure(error.Kind);
            LogSequenceFailed(_logger, Model.Id, error.Kind, error.Message);
        }
        Outbox.Deliver(deliveries);
    }

    private void FailRunning(Exception exception, SequenceErrorKind kind)
    {
        LogSequencesFailed(_logger, exception.GetType().Name, Model.Id, kind);
        lock (_gate) _state.FailRunning(new SequenceError(kind, $"the step failed: {exception.GetType().Name}"));
    }

    private void HandBackAll()
    {
        lock (_gate) _state.Plan(_plan, DateTimeOffset.MaxValue);
        Commit(isSampled: false);
    }
}
