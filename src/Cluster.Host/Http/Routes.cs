using Cluster.Dashboard;
using Cluster.Host.Telemetry;
using Cluster.OpenAI;

namespace Cluster.Host.Http;

/// <summary>What every request passes, in order, and every endpoint that can answer it.</summary>
public static class Routes
{
    public static void MapCluster(this WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseOpenAIErrors();
        app.UseAllowedOrigins();
        app.UseAccess();
        app.MapHealthEndpoints();
        app.MapMetrics();
        app.MapOpenAIEndpoints();
        app.MapDashboard();
    }
}
