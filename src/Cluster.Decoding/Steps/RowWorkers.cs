namespace Cluster.Decoding.Steps;

/// <summary>
/// Work on the rows of a step, on the engine's thread and helpers at once. Whatever no helper has begun, the engine's thread does itself: on
/// busy cores a step never waits for another thread to be woken.
/// </summary>
/// <remarks>Which thread takes a row changes nothing but time: rows share no state.</remarks>
internal sealed class RowWorkers : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Action<int, int> _work;
    private readonly SemaphoreSlim _asked = new(0);
    private readonly ManualResetEventSlim _done = new(true);
    private readonly Thread[] _helpers;
    private int _count;
    private int _claimed;
    private int _finished;
    private volatile bool _isStopping;

    /// <param name="name">Of the threads.</param>
    /// <param name="helpers">Threads beside the engine's.</param>
    /// <param name="work">Gets the number of the thread, 0 for the engine's, and the index of the row; must not throw.</param>
    public RowWorkers(string name, int helpers, Action<int, int> work)
    {
        _work = work;
        _helpers = new Thread[helpers];
        for (int i = 0; i < helpers; i++)
        {
            int number = i + 1;
            _helpers[i] = new Thread(() => Help(number)) { Name = name, IsBackground = true };
            _helpers[i].Start();
        }
    }

    /// <summary>Threads that may work at once, the engine's among them.</summary>
    public int Count => _helpers.Length + 1;

    /// <summary>Returns once every row is done.</summary>
    /// <param name="rows">Indices from 0.</param>
    /// <param name="helpersMax">Helpers that are worth waking for them.</param>
    public void Run(int rows, int helpersMax)
    {
        if (rows == 0) return;
        lock (_gate)
        {
            (_count, _claimed, _finished) = (rows, 0, 0);
            _done.Reset();
        }
        int asked = Math.Min(Math.Min(helpersMax, _helpers.Length), rows - 1);
        if (asked > 0) _asked.Release(asked);
        WorkUnclaimed(0);
        _done.Wait();
    }

    public void Dispose()
    {
        _isStopping = true;
        if (_helpers.Length > 0) _asked.Release(_helpers.Length);
        foreach (Thread helper in _helpers) helper.Join();
        _asked.Dispose();
        _done.Dispose();
    }

    private void Help(int number)
    {
        while (true)
        {
            _asked.Wait();
            if (_isStopping) return;
            WorkUnclaimed(number);
        }
    }

    private void WorkUnclaimed(int number)
    {
        for (int row = Claim(); row >= 0; row = Claim())
        {
            _work(number, row);
            lock (_gate)
            {
                if (++_finished == _count) _done.Set();
            }
        }
    }

    private int Claim()
    {
        lock (_gate) return _claimed < _count ? _claimed++ : -1;
    }
}
