using System.Diagnostics;
using Cluster.Decoding;

namespace Cluster.Serving.Resuming;

/// <summary>
/// One attempt of a sequence as a span, with the time in the queue and over the prompt as spans within it, and a sample of its steps as events.
/// Nothing is made unless somebody listens.
/// </summary>
internal sealed class AttemptTrace : IDisposable
{
    /// <summary>Name of the source of spans.</summary>
    public const string SourceName = "Cluster.Serving";

    /// <summary>One step in this many becomes an event.</summary>
    private const int StepSample = 32;

    private static readonly ActivitySource Source = new(SourceName);
    private readonly Activity _span;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _begun;
    private int _deltas;

    private AttemptTrace(Activity span, TimeProvider time, DateTimeOffset begun) => (_span, _time, _begun) = (span, time, begun);

    /// <returns>Null where nobody listens.</returns>
    public static AttemptTrace? Begin(ActivityContext request, SequenceJournal journal, IReplica replica, TimeProvider time)
    {
        if (!Source.HasListeners()) return null;
        DateTimeOffset begun = time.GetUtcNow();
        Activity? span = Source.StartActivity("sequence", ActivityKind.Internal, request, startTime: begun);
        if (span is null) return null;
        span.SetTag("cluster.model", replica.ModelId).SetTag("cluster.replica", replica.Id).SetTag("cluster.choice", journal.Choice)
            .SetTag("cluster.attempt", journal.Attempt).SetTag("cluster.position", journal.EmittedTokens.Length);
        return new AttemptTrace(span, time, begun);
    }

    public void Took(SequenceDelta delta)
    {
        if (_deltas++ % StepSample == 0)
        {
            _span.AddEvent(new ActivityEvent("step", _time.GetUtcNow(), new ActivityTagsCollection { ["position"] = delta.Position, ["tokens"] = delta.Tokens.Length }));
        }
        if (delta.Finish is { } finish) _span.SetTag("cluster.finish", finish.ToString());
        if (delta.Work is not { } work) return;
        _span.SetTag("cluster.forced_tokens", work.ForcedTokens).SetTag("cluster.masks", work.Masks).SetTag("cluster.mask_us", (long)work.MaskTime.TotalMicroseconds);
        Add("queue", _begun, work.Queued);
        Add("prefill", _begun + work.Queued, work.Prefilled);
    }

    public void HandedOver(SequenceErrorKind reason) => _span.SetStatus(ActivityStatusCode.Error, reason.ToString());

    public void Dispose() => _span.SetEndTime(_time.GetUtcNow().UtcDateTime).Dispose();

    private void Add(string name, DateTimeOffset begun, TimeSpan duration)
    {
        using Activity? span = Source.StartActivity(name, ActivityKind.Internal, _span.Context, startTime: begun);
        span?.SetEndTime((begun + duration).UtcDateTime);
    }
}
