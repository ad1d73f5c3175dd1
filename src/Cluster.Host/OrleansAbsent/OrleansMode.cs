using Cluster.Host.Configuration;
using Cluster.Host.Models;

namespace Cluster.Host;

/// <summary>Stands in where this build has no Orleans (its packages could not be restored).</summary>
public static class OrleansMode
{
    /// <summary>Settings of the packages that are not there.</summary>
    public static IReadOnlyList<SettingsSection> Sections => [];

    /// <summary>Nothing: there is no such silo.</summary>
    public static void MapOrleansMode(this IEndpointRouteBuilder routes)
    {
    }

    /// <exception cref="ConfigurationException">Always.</exception>
    public static void AddOrleansMode(this WebApplicationBuilder builder, IReadOnlyList<ModelConfig> models)
        => throw new ConfigurationException(
            $"Cluster:Mode=Orleans needs a build with the Orleans packages; set-up did not find them on this machine's package sources ({models.Count} models configured). Use Cluster:Mode=Embedded.");
}
