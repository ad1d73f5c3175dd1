namespace Cluster.Serving.Fleet;

/// <summary>
/// What an edge asks of the cluster: the models of its catalogue, and those versions of them that its requests were prepared for. A version that was
/// replaced is needed until its last request has ended, so that no replica of it goes before. Thread-safe.
/// </summary>
public sealed class EdgeModels(IModelCatalogue catalogue, ModelUse use, FleetOptions options, TimeProvider time)
{
    // By model: when each version was last needed.
    private readonly Dictionary<string, Dictionary<string, long>> _needed = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Models of the catalogue, and those taken out of it that still have requests.</summary>
    public IReadOnlyList<string> Models
    {
        get
        {
            lock (_gate)
            {
                Look();
                return [.. _needed.Keys];
            }
        }
    }

    /// <summary>Fingerprints of the versions that are needed of a model now; see <see cref="ServedModel.Fingerprint"/>.</summary>
    public IReadOnlyList<string> NeededOf(string modelId)
    {
        lock (_gate)
        {
            Look();
            return _needed.TryGetValue(modelId, out Dictionary<string, long>? versions) ? [.. versions.Keys] : [];
        }
    }

    private void Look()
    {
        long now = time.GetTimestamp();
        foreach (ServedModel model in catalogue.Models)
        {
            if (!_needed.TryGetValue(model.Id, out Dictionary<string, long>? versions)) _needed[model.Id] = versions = new(StringComparer.Ordinal);
            versions[model.Fingerprint] = now;
        }
        foreach ((string model, Dictionary<string, long> versions) in _needed.ToArray())
        {
            foreach ((string version, long at) in versions.ToArray())
            {
                if (use.CountOf(model, version) > 0) versions[version] = now;
                else if (time.GetElapsedTime(at, now).TotalMilliseconds > options.QuietMs) versions.Remove(version);
            }
            if (versions.Count == 0) _needed.Remove(model);
        }
    }
}
