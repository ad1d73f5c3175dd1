using System.Collections;
using System.Reflection;
using Cluster.Decoding;
using Cluster.Grammar;
using Cluster.Host.Http;
using Cluster.Host.Telemetry;
using Cluster.OpenAI;
using Cluster.OpenAI.Access;
using Cluster.Serving;
using Cluster.Serving.Admission;
using Cluster.Serving.Fleet;
using Cluster.Serving.Generation;
using Cluster.Serving.Local;
using Cluster.Serving.Resuming;
using Cluster.Serving.Routing;

namespace Cluster.Host.Configuration;

/// <summary>One section of the settings and the options it fills.</summary>
/// <param name="Path">For example <c>Cluster:Fleet</c>.</param>
/// <param name="Type">The options.</param>
/// <param name="IsLive">A change of its file is taken over while the program runs.</param>
/// <param name="NotSettings">Properties that the program fills itself, separated by spaces.</param>
public sealed record SettingsSection(string Path, Type Type, bool IsLive = false, string NotSettings = "");

/// <summary>All settings there are: the one list that validation, <c>config check</c>, the JSON schema and the configuration page go by.</summary>
public static class SettingsTree
{
    public static IReadOnlyList<SettingsSection> Sections { get; } =
    [
        new(ClusterHostOptions.Section, typeof(ClusterHostOptions)),
        new("Cluster:Resume", typeof(ResumeOptions)),
        new("Cluster:Breaker", typeof(BreakerOptions)),
        new("Cluster:Affinity", typeof(AffinityOptions)),
        new("Cluster:DocumentCheck", typeof(DocumentCheckOptions)),
        new("Cluster:Fleet", typeof(FleetOptions)),
        new(LocalFleetOptions.Section, typeof(LocalFleetOptions)),
        new("Cluster:Devices", typeof(DeviceOptions)),
        .. OrleansMode.Sections,
        new("Engine", typeof(EngineOptions), NotSettings: "Name Fingerprint WaitingMax"),
        new("Grammar", typeof(GrammarOptions), NotSettings: "ReferenceSiblings"),
        new(OpenAIOptions.Section, typeof(OpenAIOptions), IsLive: true),
        new(FairQueueOptions.Section, typeof(FairQueueOptions)),
        new(AccessOptions.Section, typeof(AccessOptions)),
        new(DoorOptions.Section, typeof(DoorOptions)),
        new(ShutdownOptions.Section, typeof(ShutdownOptions)),
        new(TelemetryOptions.Section, typeof(TelemetryOptions)),
        new(RequestBookOptions.Section, typeof(RequestBookOptions)),
        new(SchemaStatisticsOptions.Section, typeof(SchemaStatisticsOptions)),
    ];

    /// <summary>Every fault of every section: unknown names, values that are none, values out of bounds.</summary>
    public static IReadOnlyList<string> FaultsOf(IConfiguration configuration) => [.. Sections.SelectMany(section => FaultsOf(configuration, section))];

    /// <summary>A fault with the setting's full name, its cure, and how to set it.</summary>
    public static string Describe(string section, OptionFault fault)
        => $"{section}:{fault.Name} {fault.Message} (environment: {section.Replace(":", "__", StringComparison.Ordinal)}__{fault.Name})";

    /// <summary>The settings of one section, without those of sections within it.</summary>
    public static IEnumerable<PropertyInfo> PropertiesOf(SettingsSection section)
        => section.Type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is not null && !section.NotSettings.Split(' ').Contains(property.Name));

    private static IEnumerable<string> FaultsOf(IConfiguration configuration, SettingsSection section)
    {
        IConfigurationSection values = configuration.GetSection(section.Path);
        PropertyInfo[] properties = [.. PropertiesOf(section)];
        bool isReadable = true;
        foreach (IConfigurationSection child in values.GetChildren())
        {
            PropertyInfo? property = Array.Find(properties, one => string.Equals(one.Name, child.Key, StringComparison.OrdinalIgnoreCase));
            string? fault = property is null ? UnknownOf(section, child.Key, properties) : FaultOf(child, property);
            if (fault is null) continue;
            isReadable &= property is null;
            yield return fault;
        }
        if (!isReadable) yield break;
        object options = Activator.CreateInstance(section.Type)!;
        values.Bind(options);
        foreach (OptionFault fault in OptionsCheck.FaultsOf(options)) yield return Describe(section.Path, fault);
    }

    private static string? UnknownOf(SettingsSection section, string key, PropertyInfo[] properties)
    {
        string path = $"{section.Path}:{key}";
        if (Sections.Any(other => other.Path.Equals(path, StringComparison.OrdinalIgnoreCase))) return null;
        string nearest = properties.Select(property => property.Name).MinBy(name => Distance(name, key))!;
        return $"{path} is not a setting; did you mean {section.Path}:{nearest}?";
    }

    private static string? FaultOf(IConfigurationSection value, PropertyInfo property)
    {
        if (property.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(property.PropertyType)) return null;
        try
        {
            _ = value.Get(property.PropertyType);
            return null;
        }
        catch (InvalidOperationException)
        {
            return $"{value.Path} is '{value.Value}', which is not {NameOf(property.PropertyType)} (environment: {value.Path.Replace(":", "__", StringComparison.Ordinal)})";
        }
    }

    private static string NameOf(Type type) => type switch
    {
        _ when type == typeof(TimeSpan) => "a time such as 00:00:30",
        _ when type == typeof(bool) => "true or false",
        { IsEnum: true } => $"one of {string.Join(", ", Enum.GetNames(type))}",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ => "a number",
    };

    /// <summary>Edits that make one name of the other.</summary>
    private static int Distance(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        foreach ((int i, char a) in one.ToUpperInvariant().Index())
        {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < other.Length; j++)
            {
                int change = diagonal + (a == char.ToUpperInvariant(other[j]) ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(change, Math.Min(row[j], diagonal) + 1);
            }
        }
        return row[^1];
    }
}
