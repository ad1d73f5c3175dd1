using System.Text.Json;
using Cluster.OpenAI.Access;
using Cluster.OpenAI.Errors;
using Cluster.OpenAI.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Cluster.OpenAI.Responses;

/// <summary><c>POST /v1/responses</c>, and the stored ones: <c>GET</c>, <c>DELETE</c>, <c>GET …/input_items</c>, <c>POST …/cancel</c>.</summary>
public sealed class ResponsesEndpoint(GenerationExchange exchange, ResponseStore store, IOptions<OpenAIOptions> options, StructuredOutputOptions structured)
{
    public Task CreateAsync(HttpContext http)
    {
        string owner = http.Caller().Id;
        return exchange.HandleAsync(http, body => new ResponsesFormat(
            ResponsesRequestReader.Read(new RequestObject(body, ""), store, owner, structured.Grammar, options.Value), store, owner));
    }

    public Task GetAsync(HttpContext http) => store.Find(IdOf(http), http.Caller().Id) is { } found
        ? JsonText.AnswerAsync(http, StatusCodes.Status200OK, found, static (json, found) => json.WriteRawValue(found.Json.Span), http.RequestAborted)
        : NotFoundAsync(http);

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

    public Task InputItemsAsync(HttpContext http) => store.Find(IdOf(http), http.Caller().Id) is { } found
        ? JsonText.AnswerAsync(http, StatusCodes.Status200OK, found, static (json, found) => WriteItems(json, found), http.RequestAborted)
        : NotFoundAsync(http);

    /// <summary>Only background responses can be cancelled, and there are none.</summary>
    public Task CancelAsync(HttpContext http) => store.Find(IdOf(http), http.Caller().Id) is null
        ? NotFoundAsync(http)
        : JsonText.AnswerAsync(http, ApiError.Invalid(null, "Only background responses can be cancelled; to end a stream, close its connection."), http.RequestAborted);

    private static void WriteItems(Utf8JsonWriter json, StoredResponse found)
    {
        using JsonDocument items = JsonDocument.Parse(found.InputItems);
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        int index = items.RootElement.GetArrayLength();

        // The newest first, as everywhere in this API.
        foreach (JsonElement item in items.RootElement.EnumerateArray().Reverse())
        {
            index--;
            json.WriteStartObject();
            if (!item.TryGetProperty("id", out _)) json.WriteString("id", $"item_{found.Id}_{index}");
            if (!item.TryGetProperty("type", out _)) json.WriteString("type", "message");
            foreach (JsonProperty member in item.EnumerateObject()) member.WriteTo(json);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("first_id", $"item_{found.Id}_{items.RootElement.GetArrayLength() - 1}");
        json.WriteString("last_id", $"item_{found.Id}_0");
        json.WriteBoolean("has_more", false);
        json.WriteEndObject();
    }

    private static string IdOf(HttpContext http) => (string?)http.Request.RouteValues["id"] ?? "";

    private static Task NotFoundAsync(HttpContext http) => JsonText.AnswerAsync(
        http, new ApiError(404, "invalid_request_error", "response_not_found", "id", $"There is no stored response '{IdOf(http)}'."), http.RequestAborted);
}
