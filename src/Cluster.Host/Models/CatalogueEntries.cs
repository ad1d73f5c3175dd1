using System.Security.Cryptography;
using System.Text.Json;
using Cluster.Host.Configuration;
using Cluster.Host.Loading;
using Cluster.Serving;

namespace Cluster.Host.Models;

/// <summary>One entry of the catalogue, read: what its file says and what an edge must know of it.</summary>
public sealed record CatalogueEntry(ModelConfig Config, ServedModel Served)
{
    public string Id => Config.Id;

    /// <summary>Changes with all that a loaded replica depends on; sampling, prompt and number of replicas change without opening anything anew.</summary>
    public string Version { get; } = Convert.ToHexStringLower(SHA256.HashData(
        [.. JsonSerializer.SerializeToUtf8Bytes(Config with { Replicas = 1, Sampling = new SamplingConfig(), InjectSchema = false }), .. System.Text.Encoding.ASCII.GetBytes(Served.Fingerprint)]))[..16];

    /// <summary>Whether tokenizer, template and weights are those that were read for the other.</summary>
    public bool IsSameModel(ModelConfig other)
        => (Config.Path, Config.Graph, Config.Dtype, Config.ChatTemplate, Config.ContextLength, Config.Fingerprint)
            == (other.Path, other.Graph, other.Dtype, other.ChatTemplate, other.ContextLength, other.Fingerprint);
}

/// <summary>The entries in force, and how a changed catalogue differs from them.</summary>
public sealed class CatalogueEntries
{
    private readonly Dictionary<string, CatalogueEntry> _inForce;

    public CatalogueEntries(IEnumerable<CatalogueEntry> entries)
    {
        All = [.. entries];
        _inForce = All.ToDictionary(entry => entry.Id, StringComparer.Ordinal);
    }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<CatalogueEntry> All { get; }

    public CatalogueEntry? Find(string modelId) => _inForce.GetValueOrDefault(modelId);

    /// <summary>The changed catalogue; only what differs is read from disk.</summary>
    /// <exception cref="ConfigurationException">Lists what each folder lacks.</exception>
    public async Task<CatalogueEntries> ReadAsync(IReadOnlyList<ModelConfig> models, LoadingProgress progress, TimeProvider time)
    {
        IReadOnlyList<ServedModel> read = await ModelLoading.ReadAsync([.. models.Where(model => Find(model.Id)?.IsSameModel(model) != true)], progress, time).ConfigureAwait(false);
        Dictionary<string, ServedModel> served = read.ToDictionary(model => model.Id, StringComparer.Ordinal);
        return new CatalogueEntries(models.Select(model => new CatalogueEntry(model, served.GetValueOrDefault(model.Id) ?? ServedModelLoader.WithSettings(Find(model.Id)!.Served, model))));
    }

    /// <summary>What going over to <paramref name="next"/> does.</summary>
    /// <param name="faults">What of it could not be loaded.</param>
    public ModelChanges ChangesTo(CatalogueEntries next, IReadOnlyList<string> faults) => new(
        [.. next._inForce.Keys.Except(_inForce.Keys)],
        [.. next.All.Where(entry => Find(entry.Id) is { } old && old.Config != entry.Config).Select(entry => entry.Id)],
        [.. _inForce.Keys.Except(next._inForce.Keys)], faults);
}
