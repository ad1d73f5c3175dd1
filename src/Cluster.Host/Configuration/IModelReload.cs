using Cluster.Host.Loading;
using Cluster.Host.Models;

namespace Cluster.Host.Configuration;

/// <summary>Takes a changed catalogue over while the program serves.</summary>
public interface IModelReload
{
    /// <summary>Ends when the models are loaded; requests of a model that was replaced or removed run to their ends.</summary>
    /// <exception cref="ConfigurationException">An entry cannot be used; nothing has changed.</exception>
    Task<ModelChanges> ApplyAsync(IReadOnlyList<ModelConfig> models, LoadingProgress progress, CancellationToken cancellationToken);
}

/// <summary>What a new catalogue did, as names of models; and what could not be loaded, for which the old entry stays.</summary>
public sealed record ModelChanges(IReadOnlyList<string> Added, IReadOnlyList<string> Changed, IReadOnlyList<string> Removed, IReadOnlyList<string> Faults);
