namespace Cluster.Decoding.Steps;

/// <summary>
/// Computes the masks of a step on a thread of its own while the model runs on the engine's. Whatever that thread has not begun when the
/// model is done, the engine's thread does itself: on busy cores a step never waits for another thread to be woken.
/// </summary>
internal sealed class MaskWorker : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _asked = new(0);
    private readonly ManualResetEventSlim _done = new(true);
    private readonly List<Sequence> _sequences = [];
    private readonly Thread? _thread;
    private int _claimed;
    private int _finished;
    private volatile bool _isStopping;

    /// <param name="isThreaded">False computes all in <see cref="Wait"/>, for tests that step an engine by hand.</param>
    public MaskWorker(string name, bool isThreaded)
    {
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
        }
        if (_thread is not null) _asked.Release();
    }

    /// <summary>Returns once every mask of the step is there.</summary>
    public void Wait()
    {
        ComputeUnclaimed();
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
            ComputeUnclaimed();
        }
    }

    private void ComputeUnclaimed()
    {
        while (TryClaim() is { } sequence)
        {
            bool isNarrowedByFuel = Compute(sequence);
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

    private static bool Compute(Sequence sequence)
    {
        try
        {
            bool isNarrowed = sequence.BudgetNarrowed;
            sequence.Mask = BudgetMask.Get(sequence.Matcher!.Value, sequence.TokensLeft, ref isNarrowed);
            sequence.BudgetNarrowed = isNarrowed;
            return sequence.Mask.Value.IsNarrowed;
        }
        catch (Exception exception)
        {
            sequence.MaskError = exception;
            return false;
        }
    }
}
