namespace Cluster.Host.Configuration;

/// <summary>Takes changed limits over while the program runs. Faulty settings are reported, and those in force stay.</summary>
public sealed partial class SettingsReload(
    string[] args, string configDirectory, ClusterHostOptions options, LiveOptions<OpenAI.OpenAIOptions> limits, TimeProvider time, ILogger<SettingsReload> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string stamp = Stamp();
        using var timer = new PeriodicTimer(options.ReloadInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            string now = Stamp();
            if (now == stamp) continue;
            stamp = now;
            try
            {
                IConfigurationRoot configuration = HostSettings.Read(args, configDirectory);
                Startup.Validate(configuration, configDirectory);
                limits.Replace(HostSettings.Read<OpenAI.OpenAIOptions>(configuration, OpenAI.OpenAIOptions.Section));
                LogReloaded(logger);
            }
            catch (Exception exception) when (exception is ConfigurationException or InvalidDataException or IOException)
            {
                LogBroken(logger, exception.Message);
            }
        }
    }

    private string Stamp() => string.Join('|', Directory.EnumerateFiles(configDirectory, "*.json").Order(StringComparer.Ordinal)
        .Select(file => $"{file} {File.GetLastWriteTimeUtc(file).Ticks} {new FileInfo(file).Length}"));

    [LoggerMessage(Level = LogLevel.Information, Message = "The settings were read again: new limits (section OpenAI) are in force.")]
    private static partial void LogReloaded(ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "The new settings cannot be used, the old ones stay: {Reason}")]
    private static partial void LogBroken(ILogger logger, string reason);
}

public static class SettingsReloadSetup
{
    public static void AddSettingsReload(this WebApplicationBuilder builder, string[] args, string configDirectory, ClusterHostOptions options)
        => builder.Services.AddHostedService(services => new SettingsReload(
            args, configDirectory, options, services.GetRequiredService<LiveOptions<OpenAI.OpenAIOptions>>(), services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<SettingsReload>>()));
}
