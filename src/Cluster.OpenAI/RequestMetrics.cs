using System.Diagnostics;
using System.Diagnostics.Metrics;
using Cluster.OpenAI.Errors;
using Cluster.Serving;
using Cluster.Serving.Generation;
using Microsoft.AspNetCore.Http;

namespace Cluster.OpenAI;

/// <summary>What callers see of their requests: counts, times, ends; tags are model, status and code, never content.</summary>
public sealed class RequestMetrics
{
    /// <summary>Name of the source of spans.</summary>
    public const string SourceName = "Cluster.OpenAI";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly Counter<long> _requests;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _success;
    private readonly SchemaStatistics? _schemas;
    private readonly Counter<long> _promptTokens;
    private readonly Counter<long> _disconnected;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _interToken;
    private readonly Histogram<long> _promptLength;
    private readonly Histogram<long> _generationLength;
    private readonly Histogram<double> _timePerToken;
    private readonly Histogram<long> _longestChoice;
    private readonly Histogram<long> _choices;
    private readonly Histogram<long> _tokensMax;

    /// <param name="meters">Makes the meter.</param>
    /// <param name="schemas">Hears what constraints did; null where nobody asks.</param>
    public RequestMetrics(IMeterFactory meters, SchemaStatistics? schemas = null)
    {
        _schemas = schemas;
        Meter meter = meters.Create("Cluster.OpenAI");
        _requests = meter.CreateCounter<long>("cluster.requests", "{request}", "Requests to /v1, by status");
        _failed = meter.CreateCounter<long>("cluster.requests.failed", "{request}", "Requests that ended with an error, by status and code");
        _success = meter.CreateCounter<long>("cluster.request.success", "{choice}", "Choices that ended, by reason");
        _promptTokens = meter.CreateCounter<long>("cluster.prompt.tokens", "{token}", "Prompt tokens of accepted requests");
        _disconnected = meter.CreateCounter<long>("cluster.requests.disconnected", "{request}", "Requests whose client went away");
        _duration = meter.CreateHistogram<double>("cluster.request.duration", "s", "Time from the accepted request to its end");
        _firstToken = meter.CreateHistogram<double>("cluster.request.first_token", "s", "Time from the accepted request to its first token");
        _interToken = meter.CreateHistogram<double>("cluster.request.inter_token", "s", "Time between two tokens of one choice");
        _promptLength = meter.CreateHistogram<long>("cluster.request.prompt_tokens", "{token}", "Prompt tokens of a request");
        _generationLength = meter.CreateHistogram<long>("cluster.request.generation_tokens", "{token}", "Generated tokens of a request");
        _timePerToken = meter.CreateHistogram<double>("cluster.request.time_per_token", "s", "Mean time between the tokens of one choice");
        _longestChoice = meter.CreateHistogram<long>("cluster.request.longest_choice", "{token}", "Generated tokens of a request's longest choice");
        _choices = meter.CreateHistogram("cluster.request.choices", "{choice}", "Choices that a request asked for", advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 5, 10, 20] });
        _tokensMax = meter.CreateHistogram<long>("cluster.request.tokens_max", "{token}", "Most tokens that each choice of a request could have");
    }

    /// <summary>The span of one request; null where nobody listens.</summary>
    /// <remarks>Its parent is the caller's span, if the request names one. The web server's own activity is nobody's span and would have it dropped.</remarks>
    public static Activity? Trace(string operation)
    {
        if (!Source.HasListeners()) return null;
        ActivityContext caller = default;
        if (Activity.Current is { HasRemoteParent: true, ParentId: { } id } server) ActivityContext.TryParse(id, server.TraceStateString, isRemote: true, out caller);
        Activity.Current = null;
        return Source.StartActivity(operation, ActivityKind.Server, caller);
    }

    /// <summary>An accepted request begins; feed it the events and dispose it at the end.</summary>
    /// <param name="prepared">The request.</param>
    /// <param name="entry">Its line on the admin pages, if it has one.</param>
    /// <param name="time">The clock.</param>
    public Watch Begin(PreparedGeneration prepared, RequestEntry? entry, TimeProvider time)
    {
        if (entry is not null)
        {
            (entry.Model, entry.Schema, entry.PromptTokens) = (prepared.Model.Id, prepared.Grammar?.Hash ?? "", prepared.PromptTokens);
            entry.AcceptedMs = (time.GetUtcNow() - entry.Begun).TotalMilliseconds;
        }
        Activity.Current?.SetTag("gen_ai.request.model", prepared.Model.Id).SetTag("gen_ai.usage.input_tokens", prepared.PromptTokens)
            .SetTag("cluster.schema", prepared.Grammar?.Hash[..12]);
        return new Watch(this, prepared, entry, time);
    }

    /// <summary>A request to <c>/v1</c> is over.</summary>
    /// <param name="http">Its response has its status.</param>
    /// <param name="error">What it was answered with, or what ended its stream.</param>
    public void Ended(HttpContext http, ApiError? error)
    {
        _requests.Add(1, new KeyValuePair<string, object?>("status", http.Response.StatusCode));
        if (http.RequestAborted.IsCancellationRequested) _disconnected.Add(1);
        if (error is null) return;
        _failed.Add(1, new("status", error.Status), new("code", error.Code));
        Activity.Current?.SetStatus(ActivityStatusCode.Error, error.Code);
    }

    /// <summary>One request's clock.</summary>
    public sealed class Watch(RequestMetrics metrics, PreparedGeneration prepared, RequestEntry? entry, TimeProvider time) : IDisposable
    {
        private readonly long _begun = time.GetTimestamp();
        private readonly (long First, long At, int Tokens)[] _choices = new (long, long, int)[prepared.Request.Choices];
        private readonly KeyValuePair<string, object?> _model = new("model", prepared.Model.Id);
        private bool _hasFirst;

        public void Take(GenerationEvent one)
        {
            if (one is not ChoiceEvent { Tokens: > 0 } choice)
            {
                if (one is ChoiceEnded ended) Count(ended);
                return;
            }
            long now = time.GetTimestamp();
            (long first, long at, int tokens) = _choices[choice.Choice];
            int more = choice.Tokens - tokens;
            if (!_hasFirst)
            {
                _hasFirst = true;
                if (entry is not null) entry.FirstTokenMs = (time.GetUtcNow() - entry.Begun).TotalMilliseconds;
                metrics._firstToken.Record(time.GetElapsedTime(_begun, now).TotalSeconds, _model);
            }
            // A forced run comes at once: its tokens share the time since the last delivery.
            if (at != 0) for (int i = 0; i < more; i++) metrics._interToken.Record(time.GetElapsedTime(at, now).TotalSeconds / more, _model);
            if (more > 0) _choices[choice.Choice] = (first == 0 ? now : first, now, choice.Tokens);
            if (entry is not null) entry.Tokens += Math.Max(0, more);
            if (one is ChoiceEnded end) Count(end);
        }

        public void Dispose()
        {
            int generated = _choices.Sum(choice => choice.Tokens);
            metrics._promptTokens.Add(prepared.PromptTokens, _model);
            metrics._promptLength.Record(prepared.PromptTokens, _model);
            metrics._generationLength.Record(generated, _model);
            metrics._longestChoice.Record(_choices.Max(choice => choice.Tokens), _model);
            metrics._choices.Record(_choices.Length, _model);
            metrics._tokensMax.Record(prepared.TokensMax, _model);
            foreach ((long first, long last, int tokens) in _choices)
            {
                if (tokens > 1) metrics._timePerToken.Record(time.GetElapsedTime(first, last).TotalSeconds / (tokens - 1), _model);
            }
            metrics._duration.Record(time.GetElapsedTime(_begun).TotalSeconds, _model);
            Activity.Current?.SetTag("gen_ai.usage.output_tokens", generated);
        }

        private void Count(ChoiceEnded ended)
        {
            metrics._success.Add(1, _model, new("finished_reason", ended.End == ChoiceEnd.Length ? "length" : "stop"));
            if (prepared.Plan.Spec is { } spec) metrics._schemas?.Constrained(spec, prepared.Request.SchemaName, ended.Constraint);
        }
    }
}
