using System.Security.Cryptography;
using System.Text.Json;
using Cluster.Decoding;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Replies;
using Cluster.OpenAI.Requests;
using Cluster.Serving;
using Cluster.Serving.Generation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Cluster.OpenAI;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
/// <remarks>
/// <code>
/// 1. Read the body            → 400, 413
/// 2. Prepare (no decoding)    → 400, 404
/// 3. Wait for the first event → 5xx while the status line is still free
/// 4. Answer: one object, or a stream of events that ends with [DONE]
/// </code>
/// A failure after the first byte of a stream is an error event; the connection then closes without [DONE]. A client that goes away
/// cancels the request; its slots are free at the next step.
/// </remarks>
public sealed class ChatCompletionsEndpoint(
    RequestPipeline pipeline, IModelCatalogue catalogue, IOptions<OpenAIOptions> options, StructuredOutputOptions structured, ShutdownSignal shutdown, TimeProvider time)
{
    public async Task HandleAsync(HttpContext http)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, shutdown.Token);
        try
        {
            await HandleAsync(http, cancellation.Token).ConfigureAwait(false);
        }
        catch (ApiException exception) when (!http.Response.HasStarted)
        {
            await JsonText.AnswerAsync(http, exception.Error, http.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (shutdown.Token.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
        {
            if (!http.Response.HasStarted) await JsonText.AnswerAsync(http, ErrorMapping.ShuttingDown, http.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client went away: there is nobody to answer.
        }
    }

    private async Task HandleAsync(HttpContext http, CancellationToken cancellationToken)
    {
        // 1. Read
        using JsonDocument body = await RequestBody.ReadAsync(http, options.Value, cancellationToken).ConfigureAwait(false);
        ChatCompletionRequest request = ChatCompletionRequestReader.Read(body.RootElement, structured.Grammar, options.Value);

        // 2. Prepare
        PrepareResult result = await pipeline.PrepareAsync(ToGeneration(request, http), cancellationToken).ConfigureAwait(false);
        PreparedGeneration prepared = result.Prepared ?? throw new ApiException(ErrorMapping.ToApiError(result.Rejection!));
        var header = new CompletionHeader(
            $"chatcmpl-{prepared.Request.RequestId}", time.GetUtcNow().ToUnixTimeSeconds(), prepared.Model.Id, $"fp_{prepared.Model.Fingerprint.AsSpan(0, Math.Min(12, prepared.Model.Fingerprint.Length))}");

        // 3. Wait
        await using IAsyncEnumerator<GenerationEvent> events = pipeline.RunAsync(prepared, cancellationToken).GetAsyncEnumerator(cancellationToken);
        bool hasFirst = await events.MoveNextAsync().ConfigureAwait(false);
        if (hasFirst && events.Current is GenerationFailed failed) throw new ApiException(ErrorMapping.ToApiError(failed.Error));

        // 4. Answer
        if (request.IsStreamed) await StreamAsync(http, request, prepared, header, events, cancellationToken).ConfigureAwait(false);
        else await AnswerAsync(http, request, prepared, header, events, cancellationToken).ConfigureAwait(false);
    }

    private static async Task AnswerAsync(
        HttpContext http, ChatCompletionRequest request, PreparedGeneration prepared, CompletionHeader header,
        IAsyncEnumerator<GenerationEvent> events, CancellationToken cancellationToken)
    {
        var reply = new ChatCompletionReply(header, request.Choices, request.TopLogprobs is not null, request.ClosesWithLength);
        do
        {
            if (events.Current is GenerationFailed failed) throw new ApiException(ErrorMapping.ToApiError(failed.Error));
            reply.Take(events.Current);
        }
        while (await events.MoveNextAsync().ConfigureAwait(false));
        if (reply.StructuredOutput is { } status) http.Response.Headers["x-structured-output"] = status;
        var usage = new CompletionUsage(prepared.PromptTokens.Length, reply.CompletionTokens, 0);
        await JsonText.AnswerAsync(http, StatusCodes.Status200OK, (reply, usage), static (json, state) => state.reply.Write(json, state.usage), cancellationToken).ConfigureAwait(false);
    }

    private async Task StreamAsync(
        HttpContext http, ChatCompletionRequest request, PreparedGeneration prepared, CompletionHeader header,
        IAsyncEnumerator<GenerationEvent> events, CancellationToken cancellationToken)
    {
        var chunks = new ChatCompletionChunks(header, request.TopLogprobs is not null, request.IncludesUsage, request.ClosesWithLength);
        using var stream = new ServerSentEvents(http.Response);
        stream.Start();
        int completionTokens = 0;
        try
        {
            for (int choice = 0; choice < request.Choices; choice++)
            {
                await stream.SendAsync((chunks, choice), static (json, state) => state.chunks.WriteRole(json, state.choice), cancellationToken).ConfigureAwait(false);
            }
            do
            {
                switch (events.Current)
                {
                    case TextGenerated text:
                        await stream.SendAsync((chunks, text), static (json, state) => state.chunks.WriteText(json, state.text), cancellationToken).ConfigureAwait(false);
                        break;
                    case ChoiceEnded ended:
                        completionTokens += ended.Tokens;
                        await stream.SendAsync((chunks, ended), static (json, state) => state.chunks.WriteEnd(json, state.ended), cancellationToken).ConfigureAwait(false);
                        break;
                    case GenerationFailed failed:
                        await SendErrorAsync(stream, ErrorMapping.ToApiError(failed.Error), cancellationToken).ConfigureAwait(false);
                        return;
                }
            }
            while (await events.MoveNextAsync().ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (shutdown.Token.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
        {
            await SendErrorAsync(stream, ErrorMapping.ShuttingDown, http.RequestAborted).ConfigureAwait(false);
            return;
        }
        if (request.IncludesUsage)
        {
            var usage = new CompletionUsage(prepared.PromptTokens.Length, completionTokens, 0);
            await stream.SendAsync((chunks, usage), static (json, state) => state.chunks.WriteUsage(json, state.usage), cancellationToken).ConfigureAwait(false);
        }
        await stream.SendDoneAsync(cancellationToken).ConfigureAwait(false);
    }

    private static ValueTask SendErrorAsync(ServerSentEvents stream, ApiError error, CancellationToken cancellationToken)
        => stream.SendAsync(error, static (json, error) => error.Write(json), cancellationToken);

    private GenerationRequest ToGeneration(ChatCompletionRequest request, HttpContext http)
    {
        SamplingOptions defaults = catalogue.Find(request.Model)?.SamplingDefaults ?? new SamplingOptions();
        return new GenerationRequest
        {
            RequestId = http.TraceIdentifier,
            ModelId = request.Model,
            Messages = request.Messages,
            Grammar = request.ResponseFormat.Grammar,
            IsStrict = request.ResponseFormat.IsStrict,
            InjectSchema = request.InjectSchema,
            TokensMax = request.TokensMax,
            StopStrings = request.Stop,
            Choices = request.Choices,
            Sampling = defaults with
            {
                Temperature = request.Temperature ?? defaults.Temperature,
                TopP = request.TopP ?? defaults.TopP,
                TopK = request.TopK ?? defaults.TopK,
                MinP = request.MinP ?? defaults.MinP,
                PresencePenalty = request.PresencePenalty ?? defaults.PresencePenalty,
                FrequencyPenalty = request.FrequencyPenalty ?? defaults.FrequencyPenalty,
                RepetitionPenalty = request.RepetitionPenalty ?? defaults.RepetitionPenalty,
                LogitBias = request.LogitBias,
                TopLogprobs = request.TopLogprobs,
                Seed = request.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))),
            },
        };
    }
}
