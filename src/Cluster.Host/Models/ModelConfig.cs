using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Cluster.Host.Models;

/// <summary>One entry of cluster-config/models.json.</summary>
public sealed record ModelConfig
{
    /// <summary>The name that requests use.</summary>
    [Required, StringLength(256, MinimumLength = 1)]
    public string Id { get; init; } = "";

    /// <summary>Folder of the model; relative to the catalogue's folder.</summary>
    [Required]
    public string Path { get; init; } = "";

    /// <summary>The graph within the folder, for folders that hold several (<c>onnx/model_q4.onnx</c>); empty takes the first known name.</summary>
    public string Graph { get; init; } = "";

    /// <summary>Copies of the model in this process (embedded mode).</summary>
    [Range(1, 64)]
    public int Replicas { get; init; } = 1;

    /// <summary><c>cpu</c>, or <c>cuda:N</c> in a build with CUDA.</summary>
    [RegularExpression("^(cpu|cuda:[0-9]+)$")]
    public string Device { get; init; } = "cpu";

    /// <summary>Positions of one sequence, in tokens; null takes what the model was made for.</summary>
    [Range(16, 1 << 22)]
    public int? ContextLength { get; init; }

    /// <summary>Sequences that one replica decodes at once.</summary>
    /// <remarks>Each holds keys and values for a whole context: slots × context × bytes per position is the memory.</remarks>
    [Range(1, 4096)]
    public int Slots { get; init; } = 16;

    /// <summary>Threads of one replica on the CPU; 0 takes all cores.</summary>
    [Range(0, 1024)]
    public int Threads { get; init; }

    /// <summary>Whether the prompt shows the model the schema it must fill.</summary>
    public bool InjectSchema { get; init; }

    /// <summary>Sampling where a request says nothing.</summary>
    public SamplingConfig Sampling { get; init; } = new();
}

/// <summary>Sampling defaults of a model; absent values are OpenAI's.</summary>
public sealed record SamplingConfig
{
    [Range(0.0, 2.0)]
    public float Temperature { get; init; } = 1;

    [Range(0.0, 1.0)]
    public float TopP { get; init; } = 1;

    [Range(0, int.MaxValue)]
    public int TopK { get; init; }

    [Range(0.01, 10.0)]
    public float RepetitionPenalty { get; init; } = 1;
}

/// <summary>Reads cluster-config/models.json; every fault is reported, each with its place.</summary>
public static class ModelCatalogueFile
{
    private sealed record Catalogue(IReadOnlyList<ModelConfig> Models);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <exception cref="ConfigurationException">The file is missing or wrong.</exception>
    public static IReadOnlyList<ModelConfig> Read(string configDirectory)
    {
        string path = Path.Combine(configDirectory, "models.json");
        IReadOnlyList<ModelConfig> models;
        try
        {
            models = JsonSerializer.Deserialize<Catalogue>(File.ReadAllBytes(path), Json)?.Models ?? [];
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw new ConfigurationException($"{path}: {exception.Message}");
        }
        var faults = new List<string>();
        if (models.Count == 0) faults.Add("'models' is empty; name at least one model");
        faults.AddRange(models.GroupBy(model => model.Id, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => $"two models have the id '{group.Key}'"));
        foreach (ModelConfig model in models)
        {
            var results = new List<ValidationResult>();
            Validator.TryValidateObject(model, new ValidationContext(model), results, validateAllProperties: true);
            Validator.TryValidateObject(model.Sampling, new ValidationContext(model.Sampling), results, validateAllProperties: true);
            faults.AddRange(results.Select(result => $"model '{model.Id}': {result.ErrorMessage}"));
        }
        return faults.Count == 0
            ? [.. models.Select(model => model with { Path = Path.GetFullPath(model.Path, configDirectory) })]
            : throw new ConfigurationException($"{path}:{Environment.NewLine}  {string.Join($"{Environment.NewLine}  ", faults)}");
    }
}
