namespace Cluster.Decoding.Steps;

/// <summary>Computes the masks of a step on a thread of its own while the model runs on the engine's.</summary>
internal sealed class MaskWorker : IDisposable
{
    private readonly SemaphoreSlim _asked = new(0);
    private readonly ManualResetEventSlim _done = new(true);
    private readonly List<Sequence> _sequences = [];
    private readonly Thread? _thread;
    private volatile bool _isStopping;

    /// <param name="isThreaded">False computes in <see cref="Start"/>, for tests that step an engine by hand.</param>
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
        _sequences.Clear();
        for (int i = 0; i < plan.Count; i++)
        {
            Sequence sequence = plan[i].Sequence;
            sequence.Mask = null;
            sequence.MaskError = null;
            if (plan[i].IsSampled && sequence.Matcher is not null) _sequences.Add(sequence);
        }
        if (_sequences.Count == 0) return;
        if (_thread is null)
        {
            ComputeAll();
            return;
        }
        _done.Reset();
        _asked.Release();
    }

    public void Wait() => _done.Wait();

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
            ComputeAll();
            _done.Set();
        }
    }

    private void ComputeAll()
    {
        foreach (Sequence sequence in _sequences)
        {
            try
            {
                bool isNarrowed = sequence.BudgetNarrowed;
                sequence.Mask = BudgetMask.Get(sequence.Matcher!.Value, sequence.TokensLeft, ref isNarrowed);
                sequence.BudgetNarrowed = isNarrowed;
                if (sequence.Mask.Value.IsNarrowed) NarrowedByFuel++;
            }
            catch (Exception exception)
            {
                sequence.MaskError = exception;
            }
        }
    }
}
