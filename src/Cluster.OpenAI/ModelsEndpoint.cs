using System.Text.Json;
using Cluster.OpenAI.Access;
using Cluster.OpenAI.Errors;
using Cluster.Serving;
using Microsoft.AspNetCore.Http;

namespace Cluster.OpenAI;

/// <summary><c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>, for the models of the caller's key; ids may hold slashes.</summary>
public sealed class ModelsEndpoint(IModelCatalogue catalogue)
{
    public Task ListAsync(HttpContext http) => JsonText.AnswerAsync(http, StatusCodes.Status200OK, catalogue.Models.Where(model => http.Caller().MayUse(model.Id)), static (json, models) =>
    {
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (ServedModel model in models) Write(json, model);
        json.WriteEndArray();
        json.WriteEndObject();
    }, http.RequestAborted);

    public Task GetAsync(HttpContext http)
    {
        string id = (string?)http.Request.RouteValues["id"] ?? "";
        return catalogue.Find(id) is { } model && http.Caller().MayUse(id)
            ? JsonText.AnswerAsync(http, StatusCodes.Status200OK, model, Write, http.RequestAborted)
            : JsonText.AnswerAsync(http, new ApiError(404, "invalid_request_error", "model_not_found", "model", $"The model '{id}' does not exist."), http.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, ServedModel model)
    {
        json.WriteStartObject();
        json.WriteString("id", model.Id);
        json.WriteString("object", "model");
        json.WriteNumber("created", model.Created);
        json.WriteString("owned_by", "cluster");
        json.WriteNumber("context_length", model.ContextLength);
        json.WriteEndObject();
    }
}
