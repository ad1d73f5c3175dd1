using Cluster.Host.Loading;
using Cluster.Host.Models;
using Cluster.OpenAI;
using Cluster.Serving;

namespace Cluster.Host.Configuration;

/// <summary>Takes changed limits and models over while the program runs. Faulty files are reported, and what is in force stays.</summary>
/// <param name="args">The command line, which wins over the files.</param>
/// <param name="first">The models that the program was started with.</param>
public sealed partial class SettingsReload(
    string[] args, string configDirectory, ClusterHostOptions options, LiveOptions<OpenAIOptions> limits, IReadOnlyList<ModelConfig> first, IModelReload models,
    TimeProvider time, ILogger<SettingsReload> logger) : BackgroundService
{
    private IReadOnlyList<ModelConfig> _models = first;

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
                IReadOnlyList<ModelConfig> catalogue = Startup.Validate(configuration, configDirectory);
                limits.Replace(HostSettings.Read<OpenAIOptions>(configuration, OpenAIOptions.Section));
                LogReloaded(logger);
                if (!catalogue.SequenceEqual(_models)) await TakeModelsAsync(catalogue, stoppingToken);
            }
            catch (Exception exception) when (exception is ConfigurationException or InvalidDataException or IOException or UnauthorizedAccessException)
            {
                LogBroken(logger, exception.Message);
            }
        }
    }

    private async Task TakeModelsAsync(IReadOnlyList<ModelConfig> catalogue, CancellationToken stoppingToken)
    {
        using var progress = LoadingProgress.OfConsole(time);
        ModelChanges changes = await models.ApplyAsync(catalogue, progress, stoppingToken);
        _models = catalogue;
        foreach (string fault in changes.Faults) LogNotLoaded(logger, fault);
        LogModels(logger, NamesOf(changes.Added), NamesOf(changes.Changed), NamesOf(changes.Removed));
    }

    private static string NamesOf(IReadOnlyList<string> models) => models.Count == 0 ? "none" : string.Join(", ", models);

    /// <summary>Of all files; empty where the folder is gone or closed, which is a change like another and is reported once.</summary>
    private string Stamp()
    {
        try
        {
            return string.Join('|', Directory.EnumerateFiles(configDirectory, "*.json").Order(StringComparer.Ordinal).Select(file => $"{file} {FileStamp.Of(file)}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The settings were read again: new limits (section OpenAI) are in force.")]
    private static partial void LogReloaded(ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "The new settings cannot be used, the old ones stay: {Reason}")]
    private static partial void LogBroken(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The new catalogue is in force. Models added: {Added}; changed: {Changed}; removed: {Removed}.")]
    private static partial void LogModels(ILogger logger, string added, string changed, string removed);

    [LoggerMessage(Level = LogLevel.Error, Message = "Not loaded, what was in force stays: {Reason}")]
    private static partial void LogNotLoaded(ILogger logger, string reason);
}

public static class SettingsReloadSetup
{
    public static void AddSettingsReload(this WebApplicationBuilder builder, string[] args, string configDirectory, ClusterHostOptions options, IReadOnlyList<ModelConfig> models)
        => builder.Services.AddHostedService(services => new SettingsReload(
            args, configDirectory, options, services.GetRequiredService<LiveOptions<OpenAIOptions>>(), models, services.GetRequiredService<IModelReload>(),
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<SettingsReload>>()));
}
