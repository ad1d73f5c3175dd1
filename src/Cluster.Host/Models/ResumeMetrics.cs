using System.Diagnostics.Metrics;
using Cluster.Decoding;
using Cluster.OpenAI;
using Cluster.Serving;
using Cluster.Serving.Resuming;

namespace Cluster.Host.Models;

/// <summary>Counts and logs how sequences go: moves to another replica, and ends.</summary>
public sealed partial class ResumeMetrics : IResumeObserver
{
    private readonly Counter<long> _handedOver;
    private readonly Counter<double> _delayed;
    private readonly Counter<long> _poison;
    private readonly Counter<long> _breaches;
    private readonly Histogram<long> _attempts;
    private readonly Histogram<double> _gap;
    private readonly SchemaStatistics _schemas;
    private readonly RequestBook _requests;
    private readonly TimeProvider _time;
    private readonly ILogger<ResumeMetrics> _logger;

    public ResumeMetrics(IMeterFactory meters, ResumePacing pacing, SchemaStatistics schemas, RequestBook requests, TimeProvider time, ILogger<ResumeMetrics> logger)
    {
        (_schemas, _requests, _time, _logger) = (schemas, requests, time, logger);
        Meter meter = meters.Create("Cluster.Serving");
        _handedOver = meter.CreateCounter<long>("cluster.sequences.handed_over", "{sequence}", "Sequences that left a replica before their end.");
        _delayed = meter.CreateCounter<double>("cluster.sequences.retry_delay", "s", "Time that retries have waited for the retry budget.");
        _poison = meter.CreateCounter<long>("cluster.sequences.poison_refused", "{sequence}", "Sequences refused because replicas died whenever they ran them.");
        _breaches = meter.CreateCounter<long>("cluster.invariant.breaches", "{breach}", "Times that something was found which must never be; each is a bug of ours");
        foreach (string invariant in StreamInvariants.Names) _breaches.Add(0, new KeyValuePair<string, object?>("invariant", invariant));
        _attempts = meter.CreateHistogram("cluster.sequence.attempts", "{attempt}", "Attempts that a sequence took",
            advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 3, 4, 6, 10, 20] });
        _gap = meter.CreateHistogram<double>("cluster.sequence.gap", "s", "Time from leaving a replica to the next token");
        meter.CreateObservableUpDownCounter("cluster.sequences.on_trial", () => pacing.IsTrying ? 1 : 0, "{sequence}", "Suspected sequences that run to show whether replicas die of them.");
        meter.CreateObservableUpDownCounter("cluster.sequences.moving", () => pacing.Moves, "{sequence}", "Sequences on their way off a draining replica.");
    }

    public void OnHandedOver(in HandOver handOver)
    {
        _handedOver.Add(1, new KeyValuePair<string, object?>("replica", handOver.ReplicaId), new KeyValuePair<string, object?>("reason", handOver.Reason.ToString()));
        _requests.Find(handOver.RequestId)?.Moved(_time.GetUtcNow(), handOver.ReplicaId, handOver.Reason.ToString(), handOver.Position);
        LogHandedOver(_logger, handOver.RequestId, handOver.Choice, handOver.ReplicaId, handOver.Reason, handOver.Position);
    }

    public void OnEnded(string modelId, SequenceJournal journal, SequenceDelta last)
    {
        _attempts.Record(journal.Attempt + 1, new KeyValuePair<string, object?>("model", modelId));
        if (journal.Grammar is { } grammar) _schemas.Ended(grammar, last);
    }

    public void OnResumed(string modelId, TimeSpan gap) => _gap.Record(gap.TotalSeconds, new KeyValuePair<string, object?>("model", modelId));

    public void OnBreach(string invariant)
    {
        _breaches.Add(1, new KeyValuePair<string, object?>("invariant", invariant));
        LogBreach(_logger, invariant);
    }

    public void OnRetryDelayed(TimeSpan delay) => _delayed.Add(delay.TotalSeconds);

    public void OnPoisonRefused(string requestId, int choice)
    {
        _poison.Add(1);
        LogPoison(_logger, requestId, choice);
    }

    [LoggerMessage(1, LogLevel.Information, "{RequestId}/{Choice} left {Replica} ({Reason}) after {Position} tokens")]
    private static partial void LogHandedOver(ILogger logger, string requestId, int choice, string replica, Cluster.Decoding.SequenceErrorKind reason, int position);

    [LoggerMessage(3, LogLevel.Error, "A replica's stream broke {Invariant}, which must never be")]
    private static partial void LogBreach(ILogger logger, string invariant);

    [LoggerMessage(2, LogLevel.Warning, "{RequestId}/{Choice} is refused: replicas died whenever they ran it")]
    private static partial void LogPoison(ILogger logger, string requestId, int choice);
}
