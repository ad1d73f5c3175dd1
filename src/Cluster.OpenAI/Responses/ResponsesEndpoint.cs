using System.Text.Json;
using Cluster.OpenAI.Access;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Cluster.OpenAI.Responses;

/// <summary><c>POST /v1/responses</c>, and the stored ones: <c>GET</c>, <c>DELETE</c>, <c>GET …/input_items</c>, <c>POST …/cancel</c>.</summary>
public sealed class ResponsesEndpoint(GenerationExchange exchange, ResponseStore store, IOptions<OpenAIOptions> options, StructuredOutputOptions structured, TimeProvider time)
{
    public Task CreateAsync(HttpContext http)
    {
        string owner = http.Caller().Id;
        return exchange.HandleAsync(http, body => new ResponsesFormat(
            ResponsesRequestReader.Read(new RequestObject(body, ""), store, owner, structured.Grammar, options.Value), store, owner, time));
    }

    public Task GetAsync(HttpContext http) => store.Find(IdOf(http), http.Caller().Id) is not { } found ? NotFoundAsync(http)
        : http.Request.Query["stream"].ToString() is "true" or "1"
        ? JsonText.AnswerAsync(http, ApiError.Invalid("stream", "Only background responses can be streamed again, and this server has none.", "unsupported_parameter"), http.RequestAborted)
        : JsonText.AnswerAsync(http, StatusCodes.Status200OK, found, static (json, found) => JsonText.WriteValue(json, found.Json.Span), http.RequestAborted);

    public Task DeleteAsync(HttpContext http)
    {
        string id = IdOf(http);
        return store.Delete(id, http.Caller().Id)
            ? JsonText.AnswerAsync(http, StatusCodes.Status200OK, id, static (json, id) =>
            {
                json.WriteStartObject();
                json.WriteString("id", id);
                json.WriteString("object", "response");
                json.WriteBoolean("deleted", true);
                json.WriteEndObject();
            }, http.RequestAborted)
            : NotFoundAsync(http);
    }

    public async Task InputItemsAsync(HttpContext http)
    {
        try
        {
            if (store.Find(IdOf(http), http.Caller().Id) is not { } found) await NotFoundAsync(http).ConfigureAwait(false);
            else await JsonText.AnswerAsync(http, StatusCodes.Status200OK, (found, page: new InputItemsPage(http.Request.Query)), static (json, state) => state.page.Write(json, state.found), http.RequestAborted).ConfigureAwait(false);
        }
        catch (ApiException exception)
        {
            await JsonText.AnswerAsync(http, exception.Error, http.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>Only background responses can be cancelled, and there are none.</summary>
    public Task CancelAsync(HttpContext http) => store.Find(IdOf(http), http.Caller().Id) is null
        ? NotFoundAsync(http)
        : JsonText.AnswerAsync(http, ApiError.Invalid(null, "Only background responses can be cancelled; to end a stream, close its connection."), http.RequestAborted);

    private static string IdOf(HttpContext http) => (string?)http.Request.RouteValues["id"] ?? "";

    private static Task NotFoundAsync(HttpContext http) => JsonText.AnswerAsync(
        http, new ApiError(404, "invalid_request_error", "response_not_found", "id", $"There is no stored response '{IdOf(http)}'."), http.RequestAborted);
}
