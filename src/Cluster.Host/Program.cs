using System.Diagnostics;
using Cluster.Host;
using Cluster.Host.Configuration;
using Cluster.Host.Embedded;
using Cluster.Host.Http;
using Cluster.Host.Loading;
using Cluster.Host.Models;
using Cluster.Host.Telemetry;
using Cluster.OpenAI;
using Cluster.OpenAI.Access;
using Cluster.OpenAI.Errors;
using Cluster.Serving;
using Microsoft.Extensions.Options;

// The composition root, in order: 1. settings  2. the door (HTTP)  3. the cluster behind it  4. routes  5. load  6. run.
var started = Stopwatch.StartNew();
InterruptSignal.Restore();
if (args is [KeyCommand.Name, .. var keyArgs]) return KeyCommand.Run(keyArgs);
if (CommandLine.AsksForHelp(args))
{
    Console.WriteLine(CommandLine.Usage);
    return 0;
}
if (args is [CertificateCommand.Name, .. var certificateArgs]) return CertificateCommand.Run(certificateArgs);
try
{
    if (args is [ConfigCommand.Name or ConfigCommand.FingerprintName, ..]) return ConfigCommand.Run(args);

    // 1. Settings: cluster-config/appsettings[.Mode].json, environment, command line.
    string configDirectory = ConfigDirectory.Find();
    WebApplicationBuilder builder = HostSettings.CreateBuilder(args, configDirectory);
    IReadOnlyList<ModelConfig> models = Startup.Validate(builder.Configuration, configDirectory);
    ClusterHostOptions cluster = HostSettings.Read<ClusterHostOptions>(builder.Configuration, ClusterHostOptions.Section);

    // 2. Telemetry, then the door.
    builder.AddTelemetry();
    string? developmentKey = builder.AddDoor();

    // 3. The cluster behind it: the same serving objects in both modes.
    using var progress = LoadingProgress.OfConsole(TimeProvider.System);
    builder.AddServing(cluster, models, await ModelLoading.ReadAsync(models, progress, TimeProvider.System));
    builder.AddSettingsReload(args, configDirectory, cluster, models);
    if (cluster.Mode == ClusterMode.Orleans) builder.AddOrleansMode(models);
    else builder.AddEmbeddedMode();

    // 4. Routes.
    await using WebApplication app = builder.Build();
    app.MapCluster();
    if (cluster.Mode == ClusterMode.Orleans) app.MapOrleansMode();

    // 5. Load the models; a silo does it while it runs, as its cluster wants.
    if (app.Services.GetService<EmbeddedModels>() is { } embedded) await embedded.OpenAsync(models, progress);
    progress.Dispose();

    // 6. Run until SIGINT or SIGTERM; open requests get their grace.
    await app.StartAsync();
    Console.WriteLine(Banner.Ready(app.Urls.First(), models[0].Id, started.Elapsed, developmentKey ?? (app.Services.GetRequiredService<ApiKeyRing>().IsEmpty ? null : "YOUR-KEY")));
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception exception) when (HostSettings.Explain(exception) is { } explanation)
{
    Console.Error.WriteLine($"cluster: {explanation}");
    return 2;
}
