using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Cluster.OpenAI;
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
        builder.Configuration.AddJsonFile(Path.Combine(configDirectory, "appsettings.json"), optional: true);
        IConfigurationRoot first = new ConfigurationBuilder().AddConfiguration(builder.Configuration).AddEnvironmentVariables().AddCommandLine(args).Build();
        string mode = first[$"{ClusterHostOptions.Section}:{nameof(ClusterHostOptions.Mode)}"] ?? nameof(ClusterMode.Embedded);
        builder.Configuration
            .AddJsonFile(Path.Combine(configDirectory, $"appsettings.{mode}.json"), optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine(args);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
            console.ColorBehavior = LoggerColorBehavior.Default;
        });
        return builder;
    }

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
        var results = new List<ValidationResult>();
        if (Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true)) return options;
        string faults = string.Join($"{Environment.NewLine}  ", results.Select(result => string.Create(CultureInfo.InvariantCulture,
            $"{section}:{result.MemberNames.FirstOrDefault()}: {result.ErrorMessage} (environment: {section}__{result.MemberNames.FirstOrDefault()})")));
        throw new ConfigurationException($"Settings are out of bounds:{Environment.NewLine}  {faults}");
    }

    /// <summary>What to tell the operator, for the failures that have a cure; null for a bug.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        ConfigurationException => exception.Message,
        IOException { InnerException: AddressInUseException } => $"{exception.Message} Choose another port: make run PORT=8081, or --urls http://127.0.0.1:8081.",
        IOException io when io.Message.Contains("address", StringComparison.OrdinalIgnoreCase) => $"{io.Message} Check --urls (make run PORT=8081).",
        _ => null,
    };
}
