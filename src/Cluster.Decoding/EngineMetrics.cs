using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Cluster.Decoding;

/// <summary>One engine's instruments, under the meter <c>Cluster.Decoding</c>; tags are model and device, never content.</summary>
internal sealed class EngineMetrics : IDisposable
{
    public const string MeterName = "Cluster.Decoding";

    private readonly Meter _meter;
    private readonly Histogram<double> _stepSeconds;
    private readonly Counter<long> _promptTokens;
    private readonly Counter<long> _cachedPromptTokens;
    private readonly Counter<long> _emittedTokens;
    private readonly Counter<long> _forcedTokens;
    private readonly Counter<long> _failedSteps;
    private readonly Counter<long> _submissions;
    private readonly Counter<long> _narrowedMasks;
    private long _promptSeen, _cachedSeen, _emittedSeen, _forcedSeen, _failedSeen, _narrowedSeen;

    /// <param name="snapshot">Read by gauges, whenever somebody collects.</param>
    public EngineMetrics(string model, string device, Func<EngineSnapshot> snapshot)
    {
        _meter = new Meter(MeterName, null, [new("model", model), new("device", device)]);
        _stepSeconds = _meter.CreateHistogram<double>("cluster.engine.step.duration", "s", "Duration of one step, from plan to delivery");
        _promptTokens = _meter.CreateCounter<long>("cluster.engine.prompt.tokens", "{token}", "Prompt tokens processed");
        _cachedPromptTokens = _meter.CreateCounter<long>("cluster.engine.prompt.cached_tokens", "{token}",
            "Prompt tokens taken from the prefix cache");
        _emittedTokens = _meter.CreateCounter<long>("cluster.engine.emitted.tokens", "{token}", "Tokens emitted");
        _forcedTokens = _meter.CreateCounter<long>("cluster.engine.emitted.forced_tokens", "{token}",
            "Of the emitted tokens, those of forced runs");
        _failedSteps = _meter.CreateCounter<long>("cluster.engine.step.failures", "{step}", "Steps that failed inside the model");
        _narrowedMasks = _meter.CreateCounter<long>("cluster.engine.masks.narrowed", "{mask}", "Masks that ran out of fuel");
        _meter.CreateObservableGauge("cluster.engine.sequences.running", () => snapshot().RunningSequences, "{sequence}", "Own a slot");
        _meter.CreateObservableGauge("cluster.engine.sequences.waiting", () => snapshot().WaitingSequences, "{sequence}",
            "Wait for a slot");
        _meter.CreateObservableGauge("cluster.engine.tokens.outstanding", () => snapshot().OutstandingTokens, "{token}",
            "Still to be done");
        _submissions = _meter.CreateCounter<long>("cluster.engine.submissions", "{sequence}", "Submissions by outcome");
    }

    public void CountStep(TimeSpan duration, EngineTotals totals, long narrowedMasks)
    {
        _stepSeconds.Record(duration.TotalSeconds);
        Add(_promptTokens, totals.PromptTokens, ref _promptSeen);
        Add(_cachedPromptTokens, totals.CachedPromptTokens, ref _cachedSeen);
        Add(_emittedTokens, totals.EmittedTokens, ref _emittedSeen);
        Add(_forcedTokens, totals.ForcedTokens, ref _forcedSeen);
        Add(_failedSteps, totals.FailedSteps, ref _failedSeen);
        Add(_narrowedMasks, narrowedMasks, ref _narrowedSeen);
    }

    public void CountSubmission(AdmissionOutcome outcome)
    {
        if (_submissions.Enabled) _submissions.Add(1, new TagList { { "outcome", outcome.ToString() } });
    }

    public void Dispose() => _meter.Dispose();

    private static void Add(Counter<long> counter, long total, ref long seen)
    {
        if (total > seen) counter.Add(total - seen);
        seen = total;
    }
}
