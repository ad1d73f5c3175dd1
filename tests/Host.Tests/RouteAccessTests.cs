using Cluster.Host.Http;
using Cluster.Host.Models;
using Cluster.Host.Telemetry;
using Cluster.OpenAI.Access;
using Cluster.Serving;
using Cluster.Serving.Local;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Host.Tests;

/// <summary>Every route has an owner of its authorisation, and only liveness and readiness are open to all.</summary>
public class RouteAccessTests
{
    [Theory]
    [InlineData(ClusterMode.Embedded)]
    [InlineData(ClusterMode.Orleans)]
    public async Task EveryRoute_NamesItsAccess_AndOnlyHealthIsPublic(ClusterMode mode)
    {
        Assert.SkipUnless(mode == ClusterMode.Embedded || OrleansMode.Sections.Count > 0, "this build has no Orleans (set-up did not find its packages)");
        string directory = ConfigDirectory.Find();
        WebApplicationBuilder builder = HostSettings.CreateBuilder([], directory);
        builder.AddTelemetry();
        builder.AddDoor();
        IReadOnlyList<ModelConfig> models = ModelCatalogueFile.Read(directory);
        builder.AddServing(new ClusterHostOptions(), models, [.. models.Select(model => ServedModelLoader.Load(model, TimeProvider.System))]);
        if (mode == ClusterMode.Orleans) builder.AddOrleansMode(models);
        else builder.Services.AddSingleton<IReplicaDirectory>(new LocalCluster([]));
        await using WebApplication app = builder.Build();
        app.MapCluster();
        if (mode == ClusterMode.Orleans) app.MapOrleansMode();
        RouteEndpoint[] routes = [.. ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];
        Assert.True(routes.Length >= 10, $"{routes.Length} routes");
        foreach (RouteEndpoint route in routes)
        {
            RequiredAccess? access = route.Metadata.GetMetadata<RequiredAccess>();
            Assert.True(access is not null, $"'{route.RoutePattern.RawText}' has no owner of its authorisation");
            bool isHealth = route.RoutePattern.RawText is "/health/live" or "/health/ready";
            Assert.True(isHealth == (access!.Access == EndpointAccess.Public), $"'{route.RoutePattern.RawText}' is {access.Access}");
        }
    }
}
