namespace Cluster.Onnx;

/// <summary>Why a model cannot be loaded.</summary>
public enum ModelLoadFailure
{
    /// <summary>An option is out of its bounds.</summary>
    InvalidOptions,

    /// <summary>The folder, the graph or its external data is not there.</summary>
    MissingFile,

    /// <summary>A file ends before its contents do, or is not what its name says.</summary>
    CorruptFile,

    /// <summary>The graph is no decoder with a key-value cache that this runtime can drive.</summary>
    UnsupportedGraph,

    /// <summary>Weights or key-value pool do not fit.</summary>
    TooLarge,

    /// <summary>The tokenizer has ids that the model gives no logits for.</summary>
    VocabularyMismatch,

    /// <summary>The device or its libraries are not there.</summary>
    DeviceUnavailable,

    /// <summary>ONNX Runtime refused the graph.</summary>
    RuntimeRefused,
}

/// <summary>A model folder cannot be served; the message names the file or the setting, and the cure where there is one.</summary>
public sealed class ModelLoadException : Exception
{
    public ModelLoadException(ModelLoadFailure failure, string message, Exception? inner = null)
        : base(message, inner) => Failure = failure;

    public ModelLoadFailure Failure { get; }
}
