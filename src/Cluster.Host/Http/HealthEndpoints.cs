using Cluster.OpenAI;
using Cluster.OpenAI.Access;
using Cluster.Serving;

namespace Cluster.Host.Http;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: every model has a ready replica and the server is not stopping.</summary>
public static class HealthEndpoints
{
    public static void MapHealthEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Text("live\n")).WithAccess(EndpointAccess.Public);
        routes.MapGet("/health/ready", (IModelCatalogue catalogue, IReplicaDirectory replicas, ShutdownSignal shutdown) =>
        {
            if (shutdown.IsStopping) return Results.Text("stopping\n", statusCode: StatusCodes.Status503ServiceUnavailable);
            string[] missing = [.. catalogue.Models
                .Where(model => !replicas.ReplicasOf(model.Id).Any(replica => replica.Snapshot.Health == ReplicaHealth.Ready))
                .Select(model => model.Id)];
            return missing.Length == 0
                ? Results.Text("ready\n")
                : Results.Text($"no ready replica of {string.Join(", ", missing)}\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        }).WithAccess(EndpointAccess.Public);
    }
}
