using System.ComponentModel.DataAnnotations;
using Cluster.Decoding;
using Cluster.Onnx.Sessions;

namespace Cluster.Onnx;

/// <summary>How one model folder is loaded.</summary>
public sealed record OnnxModelOptions
{
    /// <summary>The folder: ONNX Runtime GenAI, Optimum or transformers.js layout.</summary>
    [Required]
    public required string Folder { get; init; }

    /// <summary>The name the model is served under.</summary>
    [Required]
    public required string Id { get; init; }

    /// <summary>The graph within the folder; empty finds it.</summary>
    /// <remarks>Set it where a folder holds several graphs and another than the first found is wanted, for example
    /// <c>onnx/model_q4.onnx</c>.</remarks>
    public string GraphFile { get; init; } = "";

    /// <summary>Number format of the graph: <c>fp32</c>, <c>fp16</c>, <c>int8</c>, <c>int4</c>, <c>int8-fp16</c> or <c>int4-fp16</c>;
    /// empty takes any.</summary>
    /// <remarks>Chooses among a folder's graphs; another format than the folder has is refused by name.</remarks>
    [RegularExpression("^(fp32|fp16|int8|int4|int8-fp16|int4-fp16)?$")]
    public string Dtype { get; init; } = "";

    /// <summary><c>cpu</c> or <c>cuda:N</c>.</summary>
    /// <remarks>CUDA needs a build with <c>-p:Gpu=true</c>.</remarks>
    [Required, RegularExpression("cpu|cuda:[0-9]{1,3}")]
    public string Device { get; init; } = "cpu";

    /// <summary>Sequences whose keys and values fit into the pool at once.</summary>
    /// <remarks>Each slot costs <see cref="ContextLength"/> positions of memory, touched only as far as it is used.</remarks>
    [Range(1, 4096)]
    public int Slots { get; init; } = 8;

    /// <summary>Positions of one slot; 0 takes the model's own, at most 4,096 of them.</summary>
    /// <remarks>Raise it for long prompts, lower it for more slots in the same memory.</remarks>
    [Range(0, 1 << 20)]
    public int ContextLength { get; init; }

    /// <summary>Most tokens of one chunk of a prompt.</summary>
    /// <remarks>Bounds the logits buffer of graphs that give logits after every token: tokens x vocabulary x 4 bytes.</remarks>
    [Range(1, 8192)]
    public int ChunkTokensMax { get; init; } = 256;

    /// <summary>Bytes that the key-value pool may take; 0 leaves it to the machine's memory.</summary>
    /// <remarks>Set it where several replicas share a machine or a device.</remarks>
    [Range(0, long.MaxValue)]
    public long CacheBytesMax { get; init; }

    /// <summary>Threads of one run; 0 takes one per core.</summary>
    /// <remarks>Lower it where several replicas share the cores.</remarks>
    [Range(0, 1024)]
    public int Threads { get; init; }

    /// <summary>Cores that the threads of a run keep to, one each: <c>0-3</c> or <c>0,2,4</c>; empty leaves it to the system. With
    /// <see cref="Threads"/> at 0, as many threads as cores are named.</summary>
    /// <remarks>For replicas side by side on one machine, so that they do not chase each other from core to core. The cpu device on Linux
    /// and Windows.</remarks>
    [RegularExpression(@"^(\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*)?$")]
    public string Cores { get; init; } = "";

    /// <summary>Whether idle threads spin for work instead of sleeping.</summary>
    /// <remarks>A few percent faster on a box of its own; slows everything down on shared cores.</remarks>
    public bool AllowSpinning { get; init; }

    /// <summary>Ids that the tokenizer can give; a model with fewer logits is refused. 0 does not check.</summary>
    [Range(0, int.MaxValue)]
    public int TokenizerIds { get; init; }

    /// <summary>All violations, each naming the setting; empty if there is none.</summary>
    public IReadOnlyList<string> Violations()
    {
        var violations = OptionsCheck.FaultsOf(this).Select(fault => fault.ToString()).ToList();
        if (violations.Count > 0)
        {
            return violations;
        }

        var cores = CoreList.Parse(Cores);
        if (cores.Length > 0 && Threads > 0 && Threads != cores.Length)
        {
            violations.Add($"Threads is {Threads}; with {cores.Length} Cores it must be 0 or {cores.Length}");
        }

        if (cores.Distinct().Count() < cores.Length)
        {
            violations.Add($"Cores is '{Cores}'; it must name each core once");
        }

        if (cores.FirstOrDefault(core => core >= Environment.ProcessorCount, -1) is >= 0 and var beyond)
        {
            violations.Add($"Cores names core {beyond}; this machine has 0 to {Environment.ProcessorCount - 1}");
        }

        return violations;
    }
}
