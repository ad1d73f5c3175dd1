using Cluster.Decoding.Models;
using Cluster.Decoding.Steps;
using Microsoft.Extensions.Logging;

namespace Cluster.Decoding;

/// <summary>
/// Notices a step that does not come back, hands its sequences to whoever can continue them, and asks the model to give up. The engine's
/// thread is stuck inside the model meanwhile; when it returns it finds its sequences gone and goes on with the queue.
/// </summary>
internal sealed partial class Watchdog : IDisposable
{
    private readonly Lock _gate;
    private readonly EngineState _state;
    private readonly IModel _model;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<List<Delivery>> _deliver;
    private readonly ITimer _timer;
    private long _stepStarted;
    private bool _isExecuting;

    public Watchdog(Lock gate, EngineState state, IModel model, EngineOptions options, TimeProvider time, ILogger logger,
        Action<List<Delivery>> deliver)
    {
        (_gate, _state, _model, _options, _time, _logger, _deliver) = (gate, state, model, options, time, logger, deliver);
        TimeSpan period = options.StuckAfter / 4;
        _timer = time.CreateTimer(static self => ((Watchdog)self!).Look(), this, period, period);
    }

    public void BeginStep()
    {
        lock (_gate)
        {
            _stepStarted = _time.GetTimestamp();
            _isExecuting = true;
        }
    }

    /// <returns>False if the step took so long that its sequences have been handed back.</returns>
    public bool TryEndStep()
    {
        lock (_gate)
        {
            bool wasStuck = _state.IsStuck;
            _state.IsStuck = _isExecuting = false;
            return !wasStuck;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        List<Delivery> lost;
        lock (_gate)
        {
            if (!_isExecuting || _state.IsStuck || _time.GetElapsedTime(_stepStarted) < _options.StuckAfter) return;
            _state.IsStuck = true;
            _state.FailRunning(new SequenceError(SequenceErrorKind.ModelFailed, "the device does not answer"), andWaiting: true);
            lost = _state.Outbox.TakeAll();
        }
        LogStuck(_logger, _model.Info.Id);
        _deliver(lost);
        _model.Interrupt();
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "A step of {Model} does not come back; its sequences were handed back.")]
    private static partial void LogStuck(ILogger logger, string model);
}
