using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.OpenAI;
using Cluster.OpenAI.Access;
using Cluster.Serving;

namespace Cluster.Host.Http;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: at least one model can be used, and the server is not stopping; the body says how each model is.
/// </summary>
/// <remarks>
/// Rejected: ready only when every model is. One pool without replicas would take all edges out of the load balancer, and with them every model
/// that works; requests for the broken one are answered 503 <c>no_replica</c> instead.
/// </remarks>
public static class HealthEndpoints
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Some load balancers probe with HEAD.</summary>
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>What a probe of readiness is told.</summary>
    /// <param name="Status"><c>ready</c>, <c>not_ready</c> or <c>stopping</c>.</param>
    /// <param name="Models">Each model of the catalogue; only for who asks on the internal port, or where there are no keys.</param>
    public sealed record Readiness(string Status, IReadOnlyList<ModelReadiness>? Models);

    public sealed record ModelReadiness(string Id, ModelCondition State, int ReadyReplicas, int Replicas);

    public static void MapHealthEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/health/live", Methods, () => Results.Text("live\n")).WithAccess(EndpointAccess.Public);
        routes.MapMethods("/health/ready", Methods, (HttpContext http, IModelCatalogue catalogue, IReplicaDirectory replicas, ShutdownSignal shutdown, InternalPort internalPort, ApiKeyRing keys) =>
        {
            ModelState[] models = [.. catalogue.Models.Select(model => ModelState.Of(model, replicas))];
            bool isReady = !shutdown.IsStopping && models.Any(model => model.Condition == ModelCondition.Ready);
            bool tellsModels = keys.IsEmpty || http.Connection.LocalPort == internalPort.Port;
            var body = new Readiness(
                shutdown.IsStopping ? "stopping" : isReady ? "ready" : "not_ready", !tellsModels ? null : [.. models.Select(model => new ModelReadiness(model.Model.Id, model.Condition, model.Ready, model.Replicas.Count))]);
            return Results.Json(body, Json, statusCode: isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).WithAccess(EndpointAccess.Public);
    }
}
