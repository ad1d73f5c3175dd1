using System.ComponentModel.DataAnnotations;

namespace Cluster.OpenAI;

/// <summary>How open requests end when the server stops.</summary>
public sealed class ShutdownOptions
{
    public const string Section = "Shutdown";

    /// <summary>How long open requests may go on; then streams get an error event and unstreamed requests a 503.</summary>
    /// <remarks>In a cluster, sequences move to other replicas within it; below the orchestrator's grace period in any case.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(3);
}

/// <summary>Fires when open requests must end.</summary>
public sealed class ShutdownSignal(CancellationToken stopping, TimeSpan grace, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private ITimer? _timer;

    /// <summary>Cancelled after the grace that follows the first sign of stopping.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>True from the first sign of stopping: nothing new is admitted.</summary>
    public bool IsStopping => stopping.IsCancellationRequested;

    /// <summary>Begins to listen.</summary>
    public ShutdownSignal Arm()
    {
        stopping.Register(() => _timer = time.CreateTimer(_ => _end.Cancel(), null, grace, Timeout.InfiniteTimeSpan));
        return this;
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _end.Dispose();
    }
}
