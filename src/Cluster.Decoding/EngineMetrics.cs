using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Cluster.Decoding.Models;
using Cluster.Decoding.Slots;
using Cluster.Decoding.Steps;

namespace Cluster.Decoding;

/// <summary>One engine's instruments, under the meter <c>Cluster.Decoding</c>; tags are model and device, never content.</summary>
internal sealed class EngineMetrics : IDisposable
{
    public const string MeterName = "Cluster.Decoding";

    private readonly Meter _meter;
    private readonly Histogram<double> _stepSeconds;
    private readonly Histogram<double> _queueSeconds;
    private readonly Histogram<double> _prefillSeconds;
    private readonly Histogram<double> _decodeSeconds;
    private readonly Histogram<double> _inferenceSeconds;
    private readonly Histogram<long> _stepTokens;
    private readonly Counter<long> _promptTokens;
    private readonly Counter<long> _cachedPromptTokens;
    private readonly Counter<long> _queriedTokens;
    private readonly Counter<long> _emittedTokens;
    private readonly Counter<long> _forcedTokens;
    private readonly Counter<long> _failedSteps;
    private readonly Counter<long> _failedSequences;
    private readonly Counter<long> _submissions;
    private readonly Counter<long> _narrowedMasks;
    private readonly Counter<long> _aheadStates;
    private readonly ConcurrentDictionary<string, long> _breaches = new(StringComparer.Ordinal);
    private long _promptSeen, _cachedSeen, _queriedSeen, _emittedSeen, _forcedSeen, _failedSeen, _narrowedSeen, _aheadSeen;

    /// <param name="model">Gives the tags.</param>
    /// <param name="name">See <see cref="EngineOptions.Name"/>.</param>
    /// <param name="snapshot">Read by gauges, whenever somebody collects.</param>
    public EngineMetrics(ModelInfo model, string name, Func<EngineSnapshot> snapshot)
    {
        var tags = new List<KeyValuePair<string, object?>> { new("model", model.Id), new("device", model.Device) };
        if (name.Length > 0) tags.Add(new("engine", name));
        _meter = new Meter(MeterName, null, tags);
        _queueSeconds = _meter.CreateHistogram<double>("cluster.engine.sequence.queue", "s", "Time that sequences waited for a slot");
        _prefillSeconds = _meter.CreateHistogram<double>("cluster.engine.sequence.prefill", "s", "Time from a slot to the first token");
        _decodeSeconds = _meter.CreateHistogram<double>("cluster.engine.sequence.decode", "s", "Time from the first token to the last");
        _inferenceSeconds = _meter.CreateHistogram<double>("cluster.engine.sequence.inference", "s", "Time from a slot to the last token");
        _stepTokens = _meter.CreateHistogram("cluster.engine.step.tokens", "{token}", "Tokens that one step processed",
            advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384] });
        _meter.CreateObservableGauge("cluster.engine.slots", () => snapshot().SlotsMax, "{slot}", "Sequences that can run at once");
        _meter.CreateObservableGauge("cluster.engine.kv.usage", () => UsageOf(snapshot(), model), "1", "Share of the key-value cache that running sequences fill");
        _meter.CreateObservableCounter("cluster.engine.preemptions", () => snapshot().Counters.Preemptions, "{sequence}",
            "Sequences sent back to the queue because the cache could not hold all");
        _stepSeconds = _meter.CreateHistogram<double>("cluster.engine.step.duration", "s", "Duration of one step, from plan to delivery");
        _promptTokens = _meter.CreateCounter<long>("cluster.engine.prompt.tokens", "{token}", "Prompt tokens processed");
        _cachedPromptTokens = _meter.CreateCounter<long>("cluster.engine.prompt.cached_tokens", "{token}",
            "Prompt tokens taken from the prefix cache");
        _queriedTokens = _meter.CreateCounter<long>("cluster.engine.prompt.queried_tokens", "{token}",
            "Prompt tokens that were looked up in the prefix cache");
        _emittedTokens = _meter.CreateCounter<long>("cluster.engine.emitted.tokens", "{token}", "Tokens emitted");
        _forcedTokens = _meter.CreateCounter<long>("cluster.engine.emitted.forced_tokens", "{token}",
            "Of the emitted tokens, those of forced runs");
        _failedSteps = _meter.CreateCounter<long>("cluster.engine.step.failures", "{step}", "Steps that failed inside the model");
        _narrowedMasks = _meter.CreateCounter<long>("cluster.engine.masks.narrowed", "{mask}", "Masks that ran out of fuel");
        _aheadStates = _meter.CreateCounter<long>("cluster.engine.masks.ahead", "{state}", "Likely next states visited while the device was busy");
        _meter.CreateObservableGauge("cluster.engine.sequences.running", () => snapshot().RunningSequences, "{sequence}", "Own a slot");
        _meter.CreateObservableGauge("cluster.engine.sequences.waiting", () => snapshot().WaitingSequences, "{sequence}",
            "Wait for a slot");
        _meter.CreateObservableGauge("cluster.engine.tokens.outstanding", () => snapshot().OutstandingTokens, "{token}",
            "Still to be done");
        _failedSequences = _meter.CreateCounter<long>("cluster.engine.sequences.failed", "{sequence}", "Sequences that failed, by kind of error");
        _meter.CreateObservableGauge("cluster.engine.stuck", () => snapshot().Health == EngineHealth.Stuck ? 1 : 0, "1",
            "1 while a step does not come back");
        _meter.CreateObservableCounter("cluster.invariant.breaches", () => BreachesIn(snapshot(), model), "{breach}", "Times that something was found which must never be; each is a bug of ours");
        _submissions = _meter.CreateCounter<long>("cluster.engine.submissions", "{sequence}", "Submissions by outcome");
    }

    public void CountStep(TimeSpan duration, int tokens, EngineTotals totals, long narrowedMasks, long aheadStates)
    {
        _stepSeconds.Record(duration.TotalSeconds);
        _stepTokens.Record(tokens);
        Add(_promptTokens, totals.PromptTokens, ref _promptSeen);
        Add(_cachedPromptTokens, totals.CachedPromptTokens, ref _cachedSeen);
        Add(_queriedTokens, totals.PromptTokens + totals.CachedPromptTokens, ref _queriedSeen);
        Add(_emittedTokens, totals.EmittedTokens, ref _emittedSeen);
        Add(_forcedTokens, totals.ForcedTokens, ref _forcedSeen);
        Add(_failedSteps, totals.FailedSteps, ref _failedSeen);
        Add(_narrowedMasks, narrowedMasks, ref _narrowedSeen);
        Add(_aheadStates, aheadStates, ref _aheadSeen);
    }

    public void CountEnded(List<Delivery> deliveries, DateTimeOffset now)
    {
        foreach ((Sequence sequence, SequenceDelta delta) in deliveries)
        {
            if (delta.Work is not { } work || delta.Finish is FinishReason.Failed or FinishReason.Cancelled) continue;
            _queueSeconds.Record(work.Queued.TotalSeconds);
            _prefillSeconds.Record(work.Prefilled.TotalSeconds);
            (TimeSpan sinceSlot, TimeSpan sinceFirstToken) = sequence.Clock.Until(now);
            _inferenceSeconds.Record(sinceSlot.TotalSeconds);
            _decodeSeconds.Record(sinceFirstToken.TotalSeconds);
        }
    }

    /// <summary>All invariants, so that those that were never broken are told as 0.</summary>
    private IEnumerable<Measurement<long>> BreachesIn(EngineSnapshot snapshot, ModelInfo model)
    {
        foreach (string broken in EngineInvariants.BrokenIn(snapshot, model)) _breaches.AddOrUpdate(broken, 1, static (_, count) => count + 1);
        return EngineInvariants.Names.Select(name => new Measurement<long>(_breaches.GetValueOrDefault(name), new KeyValuePair<string, object?>("invariant", name)));
    }

    private static double UsageOf(EngineSnapshot snapshot, ModelInfo model)
    {
        long used = 0;
        foreach (SlotSnapshot slot in snapshot.Slots) if (slot.Use is SlotUse.Prefilling or SlotUse.Decoding) used += slot.Tokens;
        return (double)used / Math.Max(1L, (long)snapshot.Slots.Length * model.ContextLength);
    }

    /// <summary>May be called from the watchdog's thread, too.</summary>
    public void CountFailure(SequenceErrorKind kind)
    {
        if (_failedSequences.Enabled) _failedSequences.Add(1, new TagList { { "kind", kind.ToString() } });
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
