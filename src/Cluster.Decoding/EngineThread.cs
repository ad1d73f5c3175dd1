namespace Cluster.Decoding;

/// <summary>Who steps an engine.</summary>
internal enum EngineDrive
{
    OwnThread,

    /// <summary>A test, on one thread altogether.</summary>
    ByHand,

    /// <summary>A benchmark: stepped by hand, masks on their own thread as ever.</summary>
    ByHandWithMaskThread,
}

/// <summary>The thread that steps an engine while it has work and sleeps while it has none.</summary>
internal sealed class EngineThread
{
    private readonly Engine _engine;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private volatile bool _isStopping;

    public EngineThread(Engine engine, string name)
    {
        _engine = engine;
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    public void Wake() => _wake.Set();

    /// <summary>Waits until the last sequence is handed back and the thread has ended; false if it does not in time.</summary>
    public bool TryStop(TimeSpan timeout)
    {
        _isStopping = true;
        _wake.Set();
        return _thread.Join(timeout);
    }

    private void Run()
    {
        while (true)
        {
            if (_engine.HasWork) _engine.Step();
            else if (_isStopping) return;
            else _wake.WaitOne();
        }
    }
}
