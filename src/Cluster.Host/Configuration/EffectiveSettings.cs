using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Cluster.Host.Configuration;

/// <summary>One setting as it is in force.</summary>
/// <param name="Path">Its full name.</param>
/// <param name="Value">Its value; secrets are masked.</param>
/// <param name="Source">Where it comes from; empty where it is the default.</param>
public sealed record EffectiveSetting(string Path, string Value, string Source);

/// <summary>Every setting as it is in force, for people to read.</summary>
public static class EffectiveSettings
{
    private const string Masked = "(secret)";
    private static readonly string[] Secrets = ["ConnectionString", "Keys"];

    public static IReadOnlyList<EffectiveSetting> Of(IConfigurationRoot configuration)
        => [.. SettingsTree.Sections.SelectMany(section => Of(configuration, section))];

    private static IEnumerable<EffectiveSetting> Of(IConfigurationRoot configuration, SettingsSection section)
    {
        object options = Activator.CreateInstance(section.Type)!;
        configuration.GetSection(section.Path).Bind(options);
        foreach (PropertyInfo property in SettingsTree.PropertiesOf(section))
        {
            string path = $"{section.Path}:{property.Name}";
            string text = TextOf(property.GetValue(options));
            yield return new EffectiveSetting(path, text.Length > 0 && Secrets.Contains(property.Name) ? Masked : text, SourceOf(configuration, path));
        }
    }

    private static string TextOf(object? value) => value switch
    {
        null => "",
        string text => text,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable list => string.Join(", ", list.Cast<object>()),
        _ => value.ToString() ?? "",
    };

    private static string SourceOf(IConfigurationRoot configuration, string path)
    {
        IConfigurationProvider? provider = configuration.Providers.LastOrDefault(one => one.TryGet(path, out _) || one.GetChildKeys([], path).Any());
        return provider switch
        {
            null => "",
            FileConfigurationProvider file => Path.GetFileName(file.Source.Path) ?? "file",
            Microsoft.Extensions.Configuration.EnvironmentVariables.EnvironmentVariablesConfigurationProvider => "environment",
            Microsoft.Extensions.Configuration.CommandLine.CommandLineConfigurationProvider => "command line",
            _ => provider.GetType().Name,
        };
    }
}
