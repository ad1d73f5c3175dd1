using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Decoding;

namespace Cluster.Host.Models;

/// <summary>Reads cluster-config/models.json; every fault is reported, each with its place.</summary>
public static class ModelCatalogueFile
{
    public const string Name = "models.json";

    private sealed record Catalogue([property: JsonPropertyName("$schema")] string? Schema, IReadOnlyList<ModelConfig> Models);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <exception cref="ConfigurationException">The file is missing or wrong.</exception>
    public static IReadOnlyList<ModelConfig> Read(string configDirectory)
    {
        IReadOnlyList<ModelConfig> models = Read(configDirectory, out IReadOnlyList<string> faults);
        return faults.Count == 0 ? models : throw new ConfigurationException(faults);
    }

    /// <summary>The models, with absolute paths, and what is wrong with them.</summary>
    public static IReadOnlyList<ModelConfig> Read(string configDirectory, out IReadOnlyList<string> faults)
    {
        string path = Path.Combine(configDirectory, Name);
        var found = new List<string>();
        faults = found;
        IReadOnlyList<ModelConfig> models;
        try
        {
            models = JsonSerializer.Deserialize<Catalogue>(File.ReadAllBytes(path), Json)?.Models ?? [];
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            found.Add($"{path}: {exception.Message}");
            return [];
        }
        if (models.Count == 0) found.Add($"{path}: 'models' is empty; name at least one model");
        found.AddRange(models.GroupBy(model => model.Id, StringComparer.Ordinal).Where(group => group.Count() > 1)
            .Select(group => $"{path}: two models have the id '{group.Key}'; give each its own"));
        foreach (ModelConfig model in models)
        {
            found.AddRange(OptionsCheck.FaultsOf(model).Concat(OptionsCheck.FaultsOf(model.Sampling)).Select(fault => $"{path}: model '{model.Id}': {JsonNamingPolicy.CamelCase.ConvertName(fault.Name)} {fault.Message}"));
        }
        return [.. models.Select(model => model with
        {
            Path = Path.GetFullPath(model.Path, configDirectory),
            ChatTemplate = model.ChatTemplate.Length == 0 ? "" : Path.GetFullPath(model.ChatTemplate, configDirectory),
        })];
    }
}
