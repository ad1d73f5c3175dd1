namespace Cluster.Serving;

/// <summary>A fixed list of models.</summary>
public sealed class ModelCatalogue : IModelCatalogue
{
    private readonly Dictionary<string, ServedModel> _byId;

    public ModelCatalogue(IEnumerable<ServedModel> models)
    {
        Models = [.. models];
        _byId = Models.ToDictionary(model => model.Id, StringComparer.Ordinal);
    }

    public IReadOnlyList<ServedModel> Models { get; }

    public ServedModel? Find(string modelId) => _byId.GetValueOrDefault(modelId);
}
