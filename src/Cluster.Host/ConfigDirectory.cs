namespace Cluster.Host;

/// <summary>Where <c>cluster-config</c> is: model catalogue, settings, the embedded model.</summary>
public static class ConfigDirectory
{
    public const string Name = "cluster-config";
    public const string Variable = "CLUSTER_CONFIG";

    /// <summary>The folder that the variable <see cref="Variable"/> names; else the nearest one above the working directory or the program.</summary>
    /// <exception cref="ConfigurationException">There is none.</exception>
    public static string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return Directory.Exists(named) ? Path.GetFullPath(named) : throw new ConfigurationException($"{Variable} names '{named}', which does not exist.");
        }
        foreach (string start in new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                string candidate = Path.Combine(folder.FullName, Name);
                if (File.Exists(Path.Combine(candidate, "models.json"))) return candidate;
            }
        }
        throw new ConfigurationException($"No folder '{Name}' with a models.json above the working directory or the program; set {Variable} to one.");
    }
}

/// <summary>Settings are wrong; the message names each and its cure. Ends the program with exit code 2.</summary>
public sealed class ConfigurationException(string message) : Exception(message)
{
    /// <param name="faults">At least one.</param>
    public ConfigurationException(IReadOnlyList<string> faults)
        : this(faults.Count == 1 ? faults[0] : $"{faults.Count} faults in the configuration:{Environment.NewLine}  {string.Join($"{Environment.NewLine}  ", faults)}")
    {
    }
}
