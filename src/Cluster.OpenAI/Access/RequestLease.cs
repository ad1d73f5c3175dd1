using System.Globalization;
using Cluster.OpenAI.Errors;
using Microsoft.AspNetCore.Http;

namespace Cluster.OpenAI.Access;

/// <summary>
/// One request's claim on its key's limits: requests a minute and requests at once when it begins, its prompt before it runs, its
/// completion as it ends. Dispose it when the request is over.
/// </summary>
/// <remarks>
/// A completion's length is not known before it ends, so it is charged afterwards, into debt if need be: the next requests wait until
/// the debt is paid. Rejected: reserving the whole budget of each request, which would refuse most of what a key may do.
/// </remarks>
public sealed class RequestLease : IDisposable
{
    private readonly KeyMeter _meter;
    private readonly UsageLedger _ledger;
    private readonly HttpContext _http;
    private bool _isOver;

    private RequestLease(KeyMeter meter, UsageLedger ledger, HttpContext http) => (_meter, _ledger, _http) = (meter, ledger, http);

    public ApiKey Key => _meter.Key;

    /// <exception cref="ApiException">429: a limit is reached.</exception>
    public static RequestLease Begin(KeyMeter meter, UsageLedger ledger, HttpContext http)
    {
        var lease = new RequestLease(meter, ledger, http);
        if (!meter.TryEnter())
        {
            lease.WriteHeaders();
            throw Refused("requests", $"This key has {meter.Key.StreamsMax} requests running, which is its limit.", TimeSpan.FromSeconds(1));
        }
        if (meter.Requests is { } requests && !requests.TryTake(1, out TimeSpan? wait))
        {
            lease.Dispose();
            lease.WriteHeaders();
            throw Refused("requests", $"This key's limit of {requests.PerMinute} requests per minute is reached.", wait);
        }
        lease.WriteHeaders();
        return lease;
    }

    /// <summary>Charges the prompt of an accepted request.</summary>
    /// <exception cref="ApiException">403: not this key's model. 429: the tokens of this minute are spent.</exception>
    public void Admit(string modelId, int promptTokens)
    {
        if (_meter.Tokens is { } tokens && !tokens.TryTake(promptTokens, out TimeSpan? wait))
        {
            WriteHeaders();
            throw Refused("tokens", $"This key's limit of {tokens.PerMinute} tokens per minute is reached: this request needs {promptTokens}.", wait);
        }
        _ledger.AddRequest(Key.Id, modelId, promptTokens);
        WriteHeaders();
    }

    /// <exception cref="ApiException">403: not this key's model.</exception>
    public void AssertMayUse(string modelId)
    {
        if (!Key.MayUse(modelId)) throw new ApiException(new ApiError(403, "invalid_request_error", "model_not_allowed", "model", $"This key may not use the model '{modelId}'."));
    }

    /// <summary>Charges what was generated, however the request ended.</summary>
    public void Settle(string modelId, int completionTokens, int cachedPromptTokens)
    {
        _meter.Tokens?.Charge(completionTokens);
        _ledger.AddCompletion(Key.Id, modelId, completionTokens, cachedPromptTokens);
    }

    public void Dispose()
    {
        if (_isOver) return;
        _isOver = true;
        _meter.Leave();
    }

    private void WriteHeaders()
    {
        if (_http.Response.HasStarted) return;
        Write("requests", _meter.Requests);
        Write("tokens", _meter.Tokens);
    }

    private void Write(string what, RateBucket? bucket)
    {
        if (bucket is null) return;
        (long remaining, TimeSpan reset) = bucket.State();
        IHeaderDictionary headers = _http.Response.Headers;
        headers[$"x-ratelimit-limit-{what}"] = bucket.PerMinute.ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-remaining-{what}"] = remaining.ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-reset-{what}"] = Describe(reset);
    }

    /// <summary>As OpenAI writes durations: <c>120ms</c>, <c>1.5s</c>, <c>6m0s</c>.</summary>
    internal static string Describe(TimeSpan span) => span.TotalSeconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(span.TotalMilliseconds)}ms")
        : span.TotalMinutes < 1
            ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.###}s")
            : string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes}m{span.Seconds}s");

    private static ApiException Refused(string type, string message, TimeSpan? wait) => new(new ApiError(429, type, "rate_limit_exceeded", null, message)
    {
        RetryAfterSeconds = wait is { } after ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : null,
        IsRetryable = wait is not null,
    });
}
