using System.Text.Json;
using Cluster.OpenAI.Access;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Replies;
using Cluster.OpenAI.Requests;
using Cluster.Serving;
using Cluster.Serving.Generation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cluster.OpenAI;

/// <summary>One generating request over HTTP, whatever its format: chat completions, completions and responses go through here.</summary>
/// <remarks>
/// <code>
/// 1. Claim the key's limits   → 429
/// 2. Read the body            → 400, 413
/// 3. Prepare (no decoding)    → 400, 403, 404, 429
/// 4. Wait for the first event → 5xx while the status line is still free
/// 5. Answer: one object, or a stream of events
/// 6. Settle what was used, however it ended
/// </code>
/// A failure after the first byte of a stream is an error event; the connection then closes. A client that goes away, or does not read, or
/// takes longer than <see cref="OpenAIOptions.RequestTimeMax"/>, cancels the request; its slots are free at the next step.
/// </remarks>
public sealed partial class GenerationExchange(
    RequestPipeline pipeline, IModelCatalogue catalogue, KeyMeters meters, UsageLedger ledger, IOptions<OpenAIOptions> options,
    ShutdownSignal shutdown, StreamMetrics metrics, RequestMetrics requests, TimeProvider time, ILogger<GenerationExchange> logger)
{
    /// <param name="http">The exchange.</param>
    /// <param name="read">The body as a request; throws <see cref="ApiException"/> where it is none.</param>
    public async Task HandleAsync(HttpContext http, Func<JsonElement, IRequestFormat> read)
    {
        using var timeout = new CancellationTokenSource(options.Value.RequestTimeMax, time);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, shutdown.Token, timeout.Token);
        try
        {
            await RunAsync(http, read, cancellation.Token).ConfigureAwait(false);
        }
        catch (ApiException exception) when (!http.Response.HasStarted)
        {
            await JsonText.AnswerAsync(http, exception.Error, http.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client went away: there is nobody to answer.
        }
        catch (OperationCanceledException) when (shutdown.Token.IsCancellationRequested || timeout.IsCancellationRequested)
        {
            if (!http.Response.HasStarted) await JsonText.AnswerAsync(http, EndOf(), http.RequestAborted).ConfigureAwait(false);
        }
    }

    private async Task RunAsync(HttpContext http, Func<JsonElement, IRequestFormat> read, CancellationToken cancellationToken)
    {
        // 1. Claim
        using RequestLease lease = RequestLease.Begin(meters.Of(http.Caller()), ledger, http);

        // 2. Read
        IRequestFormat request;
        using (JsonDocument body = await RequestBody.ReadAsync(http, options.Value, cancellationToken).ConfigureAwait(false)) request = read(body.RootElement);

        // 3. Prepare
        lease.AssertMayUse(request.Model);
        PrepareResult result = await pipeline.PrepareAsync(
            request.ToGeneration(http.TraceIdentifier, new RequestOwner(lease.Key.Id, lease.Key.Weight), catalogue.Find(request.Model)), cancellationToken).ConfigureAwait(false);
        PreparedGeneration prepared = result.Prepared ?? throw new ApiException(ErrorMapping.ToApiError(result.Rejection!, request.SchemaParam, request.PromptParam, request.TokensParam));
        lease.Admit(prepared.Model.Id, prepared.PromptTokens);
        ReplyHeader header = ReplyHeader.Of(prepared, time);

        // 4. Wait
        await using var events = new TalliedEvents(pipeline.RunAsync(prepared, cancellationToken), prepared.Request.Choices, requests.Begin(prepared, http.Features.Get<RequestEntry>(), time), cancellationToken);
        try
        {
            bool hasFirst = await events.MoveNextAsync().ConfigureAwait(false);
            if (hasFirst && events.Current is GenerationFailed failed) throw new ApiException(ErrorMapping.ToApiError(failed.Error));

            // 5. Answer
            if (request.IsStreamed) await StreamAsync(http, request.CreateStream(header, prepared), events, prepared, cancellationToken).ConfigureAwait(false);
            else await AnswerAsync(http, request.CreateReply(header, prepared), events, prepared, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // 6. Settle
            lease.Settle(prepared.Model.Id, events.CompletionTokens, events.CachedPromptTokens);
        }
    }

    private static async Task AnswerAsync(
        HttpContext http, IReply reply, TalliedEvents events, PreparedGeneration prepared, CancellationToken cancellationToken)
    {
        do
        {
            if (events.Current is GenerationFailed failed) throw new ApiException(ErrorMapping.ToApiError(failed.Error));
            reply.Take(events.Current);
        }
        while (await events.MoveNextAsync().ConfigureAwait(false));
        reply.StructuredOutput?.WriteHeaders(http.Response.Headers);
        await JsonText.AnswerAsync(
            http, StatusCodes.Status200OK, (reply, usage: events.UsageOver(prepared.PromptTokens)), static (json, state) => state.reply.Write(json, state.usage), cancellationToken).ConfigureAwait(false);
    }

    private async Task StreamAsync(HttpContext http, IReplyStream reply, TalliedEvents events, PreparedGeneration prepared, CancellationToken cancellationToken)
    {
        using var stream = new ServerSentEvents(http, options.Value.StreamStallMax, metrics, time);
        stream.Start();
        try
        {
            await reply.StartAsync(stream, cancellationToken).ConfigureAwait(false);
            do
            {
                if (events.Current is GenerationFailed failed)
                {
                    ApiError error = ErrorMapping.ToApiError(failed.Error);
                    http.Features.Set(error);
                    await reply.FailAsync(stream, error, cancellationToken).ConfigureAwait(false);
                    return;
                }
                await reply.SendAsync(stream, events.Current, cancellationToken).ConfigureAwait(false);
            }
            while (await events.MoveNextAsync().ConfigureAwait(false));
            await reply.EndAsync(stream, events.UsageOver(prepared.PromptTokens), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            http.Features.Set(EndOf());
            await reply.FailAsync(stream, EndOf(), http.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
        {
            // Our bug: this stream ends as every stream that fails, and says so.
            LogFailed(logger, http.TraceIdentifier, exception);
            http.Features.Set(ErrorMapping.Internal);
            await reply.FailAsync(stream, ErrorMapping.Internal, http.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>Why the server ends a request that it could have gone on with.</summary>
    private ApiError EndOf() => shutdown.Token.IsCancellationRequested ? ErrorMapping.ShuttingDown : ErrorMapping.TookTooLong;
}
