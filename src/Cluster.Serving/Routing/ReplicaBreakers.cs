using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using Polly;
using Polly.CircuitBreaker;

namespace Cluster.Serving.Routing;

/// <summary>When a replica that keeps failing is left alone for a while.</summary>
public sealed record BreakerOptions
{
    /// <summary>Share of failed attempts within <see cref="SamplingDuration"/> that opens the circuit.</summary>
    [Range(0.01, 1.0)]
    public double FailureRatio { get; init; } = 0.5;

    /// <summary>Fewest attempts within <see cref="SamplingDuration"/> before it can open.</summary>
    /// <remarks>Raise it where single failures are common and harmless.</remarks>
    [Range(2, 10_000)]
    public int AttemptsMin { get; init; } = 4;

    /// <summary>How far back attempts count.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "1.00:00:00")]
    public TimeSpan SamplingDuration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an open circuit keeps sequences away; then one attempt at a time tells whether it closes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "1.00:00:00")]
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>One circuit breaker (Polly) a replica, fed with how attempts ended.</summary>
/// <remarks>
/// Attempts are streams that last seconds, so the breaker is not wrapped around them: their outcomes are reported to it, and the
/// router asks it before it picks.
/// </remarks>
public sealed class ReplicaBreakers(BreakerOptions options, TimeProvider time)
{
    private sealed class Breaker
    {
        private readonly ResiliencePipeline<bool> _pipeline;
        private readonly TimeProvider _time;
        private readonly TimeSpan _breakDuration;
        private readonly CircuitBreakerStateProvider _state = new();
        private long _openedAt;

        public Breaker(BreakerOptions options, TimeProvider time)
        {
            _time = time;
            _breakDuration = options.BreakDuration;
            _pipeline = new ResiliencePipelineBuilder<bool> { TimeProvider = time }
                .AddCircuitBreaker(new CircuitBreakerStrategyOptions<bool>
                {
                    FailureRatio = options.FailureRatio,
                    MinimumThroughput = options.AttemptsMin,
                    SamplingDuration = options.SamplingDuration,
                    BreakDuration = options.BreakDuration,
                    ShouldHandle = arguments => ValueTask.FromResult(!arguments.Outcome.Result),
                    StateProvider = _state,
                    OnOpened = _ =>
                    {
                        Volatile.Write(ref _openedAt, _time.GetTimestamp());
                        return default;
                    },
                })
                .Build();
        }

        public bool MayTry => _state.CircuitState != CircuitState.Open || _time.GetElapsedTime(Volatile.Read(ref _openedAt)) >= _breakDuration;

        public void Report(bool isHealthy)
        {
            try
            {
                _pipeline.Execute(static outcome => outcome, isHealthy);
            }
            catch (BrokenCircuitException)
            {
                // Attempts that began before the circuit opened say nothing new.
            }
        }
    }

    private readonly ConcurrentDictionary<string, Breaker> _breakers = new(StringComparer.Ordinal);

    /// <summary>False while the replica is to be left alone.</summary>
    public bool MayTry(string replicaId) => !_breakers.TryGetValue(replicaId, out Breaker? breaker) || breaker.MayTry;

    /// <summary>Tells how an attempt ended.</summary>
    public void Report(string replicaId, bool isHealthy) => _breakers.GetOrAdd(replicaId, _ => new Breaker(options, time)).Report(isHealthy);
}
