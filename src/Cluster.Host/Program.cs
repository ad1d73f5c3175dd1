using System.Diagnostics;
using Cluster.Dashboard;
using Cluster.Host;
using Cluster.Host.Embedded;
using Cluster.Host.Http;
using Cluster.Host.Models;
using Cluster.OpenAI;
using Cluster.OpenAI.Errors;
using Cluster.Serving;
using Microsoft.Extensions.Options;

// The composition root, in order: 1. settings  2. the door (HTTP)  3. the cluster behind it  4. routes  5. run.
var started = Stopwatch.StartNew();
try
{
    // 1. Settings: cluster-config/appsettings[.Mode].json, environment, command line.
    string configDirectory = ConfigDirectory.Find();
    WebApplicationBuilder builder = HostSettings.CreateBuilder(args, configDirectory);
    ClusterHostOptions cluster = HostSettings.Read<ClusterHostOptions>(builder.Configuration, ClusterHostOptions.Section);
    IReadOnlyList<ModelConfig> models = ModelCatalogueFile.Read(configDirectory);

    // 2. The door.
    builder.AddDoor();

    // 3. The cluster behind it: the same serving objects in both modes.
    builder.Services.AddServing(cluster, models);
    if (cluster.Mode == ClusterMode.Orleans) builder.AddOrleansMode(models);
    else builder.Services.AddEmbeddedMode(models);

    // 4. Routes.
    await using WebApplication app = builder.Build();
    app.UseOpenAIErrors();
    app.MapHealthEndpoints();
    app.MapOpenAIEndpoints();
    app.MapDashboard();

    // 5. Run until SIGINT or SIGTERM; open requests get their grace.
    await app.StartAsync();
    Console.WriteLine(Banner.Ready(app.Urls.First(), models[0].Id, started.Elapsed));
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception exception) when (HostSettings.Explain(exception) is { } explanation)
{
    Console.Error.WriteLine($"cluster: {explanation}");
    return 2;
}
