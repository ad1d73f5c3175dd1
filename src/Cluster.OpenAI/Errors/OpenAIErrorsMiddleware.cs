using System.Diagnostics;
using Cluster.OpenAI.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Cluster.OpenAI.Errors;

/// <summary>
/// Around every request: <c>x-request-id</c> on the response, no new work while the server stops, and the four-key error body for whatever
/// no endpoint answered (unknown path, wrong method, a bug).
/// </summary>
public sealed partial class OpenAIErrorsMiddleware(RequestDelegate next, ShutdownSignal shutdown, RequestMetrics metrics, RequestBook book, TimeProvider time, ILogger<OpenAIErrorsMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        http.TraceIdentifier = Guid.NewGuid().ToString("N");
        http.Response.Headers["x-request-id"] = $"req_{http.TraceIdentifier}";
        if (!http.Request.Path.StartsWithSegments("/v1"))
        {
            await AnswerAsync(http).ConfigureAwait(false);
            return;
        }
        long begun = time.GetTimestamp();
        using Activity? trace = RequestMetrics.Trace($"{http.Request.Method} /v1");
        var entry = new RequestEntry(http.TraceIdentifier, $"{http.Request.Method} {EndpointOf(http)}", time.GetUtcNow());
        http.Features.Set(entry);
        book.Add(entry);
        try
        {
            await AnswerAsync(http).ConfigureAwait(false);
        }
        finally
        {
            ApiError? error = http.Features.Get<ApiError>();
            trace?.SetTag("http.response.status_code", http.Response.StatusCode).SetTag("cluster.request", http.TraceIdentifier);
            metrics.Ended(http, error);
            entry.Key = http.Features.Get<ApiKey>()?.Id ?? "-";
            entry.Status = http.Response.StatusCode;
            entry.End = http.RequestAborted.IsCancellationRequested ? "disconnected" : error?.Code ?? "ok";
            entry.EndedMs = time.GetElapsedTime(begun).TotalMilliseconds;
            book.Finish(entry);
            LogRequest(logger, entry.Id, entry.Endpoint, entry.Key, entry.Status, entry.End, (long)entry.EndedMs);
        }
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (shutdown.IsStopping && http.Request.Path.StartsWithSegments("/v1"))
        {
            http.Response.Headers.Connection = "close";
            await JsonText.AnswerAsync(http, ErrorMapping.ShuttingDown, http.RequestAborted).ConfigureAwait(false);
            return;
        }
        try
        {
            await next(http).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (BadHttpRequestException exception) when (!http.Response.HasStarted)
        {
            await JsonText.AnswerAsync(http, new ApiError(exception.StatusCode, "invalid_request_error", "invalid_request", null, "The request could not be read."), default).ConfigureAwait(false);
            return;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogUnhandled(logger, http.TraceIdentifier, exception);
            if (http.Response.HasStarted) http.Abort();
            else await JsonText.AnswerAsync(http, ErrorMapping.Internal, default).ConfigureAwait(false);
            return;
        }
        if (http.Response.HasStarted || http.Response.ContentLength is not null) return;
        if (NoAnswer(http) is { } error) await JsonText.AnswerAsync(http, error, http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>The route, not the path: a path is the caller's text.</summary>
    private static string EndpointOf(HttpContext http) => (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "unknown";

    private static ApiError? NoAnswer(HttpContext http) => http.Response.StatusCode switch
    {
        404 => new ApiError(404, "invalid_request_error", "unknown_url", null, $"Unknown request URL: {http.Request.Method} {http.Request.Path}."),
        405 => new ApiError(405, "invalid_request_error", "method_not_allowed", null, $"{http.Request.Method} is not allowed for {http.Request.Path}."),
        413 => new ApiError(413, "invalid_request_error", "request_too_large", null, "The request body is too long."),
        415 => new ApiError(415, "invalid_request_error", "unsupported_media_type", null, "The request body must be JSON."),
        _ => null,
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "{RequestId} {Endpoint} key={Key} status={Status} end={End} ms={Milliseconds}")]
    private static partial void LogRequest(ILogger logger, string requestId, string endpoint, string key, int status, string end, long milliseconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {RequestId} failed in a way no endpoint expected.")]
    private static partial void LogUnhandled(ILogger logger, string requestId, Exception exception);
}
