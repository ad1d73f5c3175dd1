using Cluster.Decoding;
using Cluster.Host.Configuration;
using Cluster.Host.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Console;

namespace Cluster.Host;

/// <summary>Where settings come from, and how a wrong one is explained.</summary>
public static class HostSettings
{
    /// <summary>Settings from cluster-config, then the mode's own file, then the environment, then the command line: the last wins.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args, string configDirectory)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = args, ContentRootPath = configDirectory });
        builder.Configuration.Sources.Clear();
        AddSources(builder.Configuration, args, configDirectory);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        AddConsole(builder.Logging, builder.Configuration);
        return builder;
    }

    private static void AddConsole(ILoggingBuilder logging, IConfiguration configuration)
    {
        // A fault of this setting is told with the others, in their own place.
        if (Enum.TryParse(configuration[$"{TelemetryOptions.Section}:{nameof(TelemetryOptions.LogFormat)}"], ignoreCase: true, out LogFormat format) && format == LogFormat.Json)
        {
            logging.AddJsonConsole(console => (console.TimestampFormat, console.UseUtcTimestamp) = ("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", true));
            return;
        }
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
            console.ColorBehavior = LoggerColorBehavior.Default;
        });
    }

    /// <summary>The same settings, read again.</summary>
    /// <exception cref="InvalidDataException">A file is no JSON.</exception>
    public static IConfigurationRoot Read(string[] args, string configDirectory)
    {
        var builder = new ConfigurationBuilder();
        AddSources(builder, args, configDirectory);
        return builder.Build();
    }

    /// <summary>The files that settings come from, whether they are there or not.</summary>
    public static IReadOnlyList<string> FilesOf(IConfiguration configuration, string configDirectory) =>
        [Path.Combine(configDirectory, "appsettings.json"), Path.Combine(configDirectory, $"appsettings.{ModeOf(configuration)}.json")];

    private static void AddSources(IConfigurationBuilder builder, string[] args, string configDirectory)
    {
        string[] faults = [.. CommandLine.FaultsOf(args)];
        if (faults.Length > 0) throw new ConfigurationException(faults);
        IConfigurationRoot first = new ConfigurationBuilder().AddJsonFile(Path.Combine(configDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables().AddCommandLine(args).Build();
        foreach (string file in FilesOf(first, configDirectory)) builder.AddJsonFile(file, optional: true);
        builder.AddEnvironmentVariables().AddCommandLine(args);
    }

    private static string ModeOf(IConfiguration configuration)
        => configuration[$"{ClusterHostOptions.Section}:{nameof(ClusterHostOptions.Mode)}"] ?? nameof(ClusterMode.Embedded);

    /// <summary>One section as validated options.</summary>
    /// <exception cref="ConfigurationException">Lists every violation with the setting's name.</exception>
    public static T Read<T>(IConfiguration configuration, string section)
        where T : class, new()
    {
        var options = new T();
        try
        {
            configuration.GetSection(section).Bind(options, binder => binder.ErrorOnUnknownConfiguration = false);
        }
        catch (InvalidOperationException exception)
        {
            throw new ConfigurationException($"Section '{section}': {exception.Message}");
        }
        string[] faults = [.. OptionsCheck.FaultsOf(options).Select(fault => SettingsTree.Describe(section, fault))];
        return faults.Length == 0 ? options : throw new ConfigurationException(faults);
    }

    /// <summary>What to tell the operator, for the failures that have a cure; null for a bug.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        ConfigurationException => exception.Message,
        InvalidDataException { InnerException: FormatException reason } => $"{exception.Message} {(reason.InnerException ?? reason).Message}",
        IOException { InnerException: AddressInUseException } => $"{exception.Message} Choose another port: make run PORT=8081, or --urls http://127.0.0.1:8081.",
        IOException io when io.Message.Contains("address", StringComparison.OrdinalIgnoreCase) => $"{io.Message} Check --urls (make run PORT=8081).",
        _ => null,
    };
}
