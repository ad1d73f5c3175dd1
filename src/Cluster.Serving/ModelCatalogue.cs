using System.Collections.Immutable;

namespace Cluster.Serving;

/// <summary>The models in force. Replaced as a whole; a reader sees one list.</summary>
public sealed class ModelCatalogue : IModelCatalogue
{
    private sealed record Listed(ImmutableArray<ServedModel> Models, ImmutableDictionary<string, ServedModel> ById);

    private volatile Listed _listed;

    /// <param name="models">In the order of the configuration; every id once.</param>
    public ModelCatalogue(IEnumerable<ServedModel> models) => _listed = List(models);

    public IReadOnlyList<ServedModel> Models => _listed.Models;

    public ServedModel? Find(string modelId) => _listed.ById.GetValueOrDefault(modelId);

    /// <summary>Takes another list; requests that were prepared keep the model they were prepared for.</summary>
    public void Replace(IEnumerable<ServedModel> models) => _listed = List(models);

    private static Listed List(IEnumerable<ServedModel> models)
    {
        ImmutableArray<ServedModel> all = [.. models];
        return new Listed(all, all.ToImmutableDictionary(model => model.Id, StringComparer.Ordinal));
    }
}
