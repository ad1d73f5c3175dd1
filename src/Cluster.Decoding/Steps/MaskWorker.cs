using Cluster.Grammar;
using Cluster.Grammar.Masks;

namespace Cluster.Decoding.Steps;

/// <summary>
/// Computes the masks of a step on a thread of its own while the model runs on the engine's. Whatever that thread has not begun when the
/// model is done, the engine's thread does itself: on busy cores a step never waits for another thread to be woken. What time is left until
/// the model is done goes to <see cref="MaskLookahead"/>.
/// </summary>
internal sealed class MaskWorker : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _asked = new(0);
    private readonly ManualResetEventSlim _done = new(true);
    private readonly List<Sequence> _sequences = [];
    private readonly Thread? _thread;
    private readonly TimeProvider _time;
    private readonly MaskLookahead _lookahead;
    private readonly Func<bool> _mayLookAhead;

    /// <summary>Number of the step whose model run is under way; 0 between two.</summary>
    private volatile int _busyStep;
    private int _step;

    /// <summary>The step that the worker's thread has been asked for.</summary>
    private int _ownStep;
    private int _claimed;
    private int _finished;
    private volatile bool _isStopping;

    /// <param name="name">Of the thread.</param>
    /// <param name="time">Measures what a mask takes.</param>
    /// <param name="lookahead">Used by the worker's own thread alone.</param>
    /// <param name="isThreaded">False computes all in <see cref="Wait"/>, for tests that step an engine by hand.</param>
    public MaskWorker(string name, TimeProvider time, MaskLookahead lookahead, bool isThreaded)
    {
        (_time, _lookahead) = (time, lookahead);
        _mayLookAhead = () => !_isStopping && _busyStep == _ownStep;
        if (!isThreaded) return;
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Masks that ran out of fuel and follow the witness.</summary>
    public long NarrowedByFuel { get; private set; }

    public void Start(StepPlan plan)
    {
        lock (_gate)
        {
            _sequences.Clear();
            _claimed = _finished = 0;
            for (int i = 0; i < plan.Count; i++)
            {
                Sequence sequence = plan[i].Sequence;
                sequence.Mask = null;
                sequence.MaskError = null;
                if (plan[i].IsSampled && sequence.Matcher is not null) _sequences.Add(sequence);
            }
            if (_sequences.Count == 0) return;
            _done.Reset();
            _step = _step == int.MaxValue ? 1 : _step + 1;
            _busyStep = _step;
        }
        if (_thread is not null) _asked.Release();
    }

    /// <summary>Returns once every mask of the step is there.</summary>
    public void Wait()
    {
        _busyStep = 0;
        ComputeUnclaimed(isOwnThread: false);
        _done.Wait();
    }

    public void Dispose()
    {
        _isStopping = true;
        _asked.Release();
        _thread?.Join();
        _asked.Dispose();
        _done.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _asked.Wait();
            if (_isStopping) return;
            _ownStep = _busyStep;
            ComputeUnclaimed(isOwnThread: true);
            if (_ownStep != 0) _lookahead.Run(_mayLookAhead);
        }
    }

    private void ComputeUnclaimed(bool isOwnThread)
    {
        while (TryClaim() is { } sequence)
        {
            bool isNarrowedByFuel = Compute(sequence, isOwnThread);
            lock (_gate)
            {
                if (isNarrowedByFuel) NarrowedByFuel++;
                if (++_finished == _sequences.Count) _done.Set();
            }
        }
    }

    private Sequence? TryClaim()
    {
        lock (_gate) return _claimed < _sequences.Count ? _sequences[_claimed++] : null;
    }

    private bool Compute(Sequence sequence, bool isOwnThread)
    {
        long begun = _time.GetTimestamp();
        try
        {
            bool isNarrowed = sequence.BudgetNarrowed;
            GrammarMatcher matcher = sequence.BoundMatcher();
            TokenMask mask = BudgetMask.Get(matcher, sequence.TokensLeft, ref isNarrowed);
            sequence.Mask = mask;
            sequence.BudgetNarrowed = isNarrowed;
            sequence.Clock.Masked(_time.GetElapsedTime(begun));
            if (isOwnThread) _lookahead.Add(matcher, mask, sequence.TokensLeft);
            return mask.IsNarrowed;
        }
        catch (Exception exception)
        {
            sequence.MaskError = exception;
            return false;
        }
    }
}
