using Cluster.Host.Models;

namespace Cluster.Host.Configuration;

/// <summary>What is looked at before anything is opened.</summary>
public static class Startup
{
    /// <summary>The models of the catalogue, once neither it nor any setting has a fault.</summary>
    /// <exception cref="ConfigurationException">Lists the faults of all sections and of the catalogue together.</exception>
    public static IReadOnlyList<ModelConfig> Validate(IConfiguration configuration, string configDirectory)
    {
        IReadOnlyList<ModelConfig> models = ModelCatalogueFile.Read(configDirectory, out IReadOnlyList<string> catalogue);
        string[] faults = [.. SettingsTree.FaultsOf(configuration), .. catalogue];
        return faults.Length == 0 ? models : throw new ConfigurationException(faults);
    }
}
