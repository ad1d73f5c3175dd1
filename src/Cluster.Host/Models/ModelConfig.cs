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

    /// <summary>Number format of the weights: fp32, fp16, int8, int4, int8-fp16 or int4-fp16; empty takes what there is.</summary>
    /// <remarks>Chooses among the folder's graphs; a format that none of them has is refused at start, by name.</remarks>
    [RegularExpression("^(fp32|fp16|int8|int4|int8-fp16|int4-fp16)?$")]
    public string Dtype { get; init; } = "";

    /// <summary>A Jinja file that counts instead of the folder's chat template; relative to the catalogue's folder. Empty takes the folder's.</summary>
    public string ChatTemplate { get; init; } = "";

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

    /// <summary>Bytes of keys and values that one replica may reserve; 0 leaves it to the machine's memory.</summary>
    /// <remarks>More is refused at start with the numbers: lower the slots or the context length.</remarks>
    [Range(0, long.MaxValue)]
    public long CacheBytesMax { get; init; }

    /// <summary>Most tokens guessed ahead in one step while a replica runs one sequence alone; 0 guesses none, null takes the engine's setting.</summary>
    /// <remarks>Pays on extraction, edits and schemas that leave little choice; needs a graph with logits after every token.</remarks>
    [Range(0, 64)]
    public int? DraftTokensMax { get; init; }

    /// <summary>Threads of one replica on the CPU; 0 takes all cores.</summary>
    [Range(0, 1024)]
    public int Threads { get; init; }

    /// <summary>Cores that one replica's threads keep to, one each: 0-3 or 0,2,4; empty leaves it to the system.</summary>
    /// <remarks>For one replica of each entry: several copies would share the cores. Threads is then 0 or their number.</remarks>
    [RegularExpression(@"^(\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*)?$")]
    public string Cores { get; init; } = "";

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
