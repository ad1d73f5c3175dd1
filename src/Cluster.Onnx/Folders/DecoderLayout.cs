using Microsoft.ML.OnnxRuntime.Tensors;

namespace Cluster.Onnx.Folders;

/// <summary>How a graph keeps its keys and values.</summary>
public enum CacheStyle
{
    /// <summary>One buffer of full length is past and present at once; new positions are written behind each row's length (any
    /// GroupQueryAttention graph).</summary>
    Shared,

    /// <summary>The present is the past with the new positions behind it, in a buffer one step longer (Optimum, transformers.js).</summary>
    Appended,
}

/// <summary>Everything needed to drive a decoder graph: its file, its names, its sizes. Immutable.</summary>
public sealed record DecoderLayout
{
    public required string GraphPath { get; init; }

    public required CacheStyle Style { get; init; }

    public required int Layers { get; init; }

    public required int KeyValueHeads { get; init; }

    public required int HeadSize { get; init; }

    /// <summary>Float or Float16.</summary>
    public required TensorElementType CacheType { get; init; }

    /// <summary>Float or Float16.</summary>
    public required TensorElementType LogitsType { get; init; }

    /// <summary>Number format of the weights: fp32, fp16, int8, int4, and int8-fp16 or int4-fp16 where the rest is half precision.</summary>
    public required string Dtype { get; init; }

    /// <summary>Positions the model was made for.</summary>
    public required int ContextLength { get; init; }

    public required string TokensName { get; init; }

    public required string MaskName { get; init; }

    /// <summary>Null where positions come from the mask.</summary>
    public string? PositionsName { get; init; }

    /// <summary>Null where the graph has no branch for the first run.</summary>
    public string? BranchName { get; init; }

    public required string LogitsName { get; init; }

    /// <summary>Per layer: past key, past value, present key, present value.</summary>
    public required IReadOnlyList<CacheNames> Caches { get; init; }

    /// <summary>Bytes of the graph and its external data.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Tokens that end a sequence, as the folder names them; may be empty.</summary>
    public required IReadOnlyList<int> EndTokens { get; init; }

    public int CacheElementBytes => CacheType == TensorElementType.Float ? 4 : 2;

    public long CacheBytesPerToken => 2L * Layers * KeyValueHeads * HeadSize * CacheElementBytes;
}

/// <summary>Names of one layer's cache inputs and outputs.</summary>
public readonly record struct CacheNames(string PastKey, string PastValue, string PresentKey, string PresentValue);
