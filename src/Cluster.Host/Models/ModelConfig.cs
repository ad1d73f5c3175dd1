using System.ComponentModel.DataAnnotations;

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

    /// <summary>What <c>fingerprint FOLDER</c> prints, for processes that have tokenizer and template but no weights; null reads the weights.</summary>
    /// <remarks>A wrong one lets a sequence go on under another model: take it from the folder that the replicas load.</remarks>
    [RegularExpression("^[0-9a-f]{64}$")]
    public string? Fingerprint { get; init; }

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
