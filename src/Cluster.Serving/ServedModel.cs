using Cluster.Decoding;
using Cluster.Tokenization;
using Cluster.Tokenization.Templates;

namespace Cluster.Serving;

/// <summary>What an edge must know of a model to serve it: everything but the weights. An immutable runtime snapshot.</summary>
public sealed record ServedModel
{
    /// <summary>The name that requests use.</summary>
    public required string Id { get; init; }

    public required ITokenizer Tokenizer { get; init; }

    public required ChatTemplate Template { get; init; }

    /// <summary>Positions that prompt and answer share, in tokens.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Whether the prompt shows the model the schema it must fill; a request may override it.</summary>
    public bool InjectSchema { get; init; }

    /// <summary>Sampling where the request says nothing.</summary>
    public SamplingOptions SamplingDefaults { get; init; } = new();

    /// <summary>What a journal must carry to be continued elsewhere: model, tokenizer, template and grammar engine.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>When the model's files were made, in Unix seconds.</summary>
    public long Created { get; init; }
}

/// <summary>The models that can be asked for.</summary>
public interface IModelCatalogue
{
    /// <summary>In the order of the configuration.</summary>
    IReadOnlyList<ServedModel> Models { get; }

    /// <summary>Null if there is none of that name.</summary>
    ServedModel? Find(string modelId);
}
