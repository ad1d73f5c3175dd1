using Cluster.Grammar;
using Cluster.Serving.Tools;

namespace Cluster.Serving.Generation;

/// <summary>Why a request cannot be run at all: the caller's fault.</summary>
public enum GenerationRejectionKind
{
    ModelNotFound,

    /// <summary>See <see cref="GenerationRejection.SchemaRejections"/>.</summary>
    SchemaRejected,

    /// <summary>The chat template refused the messages.</summary>
    MessagesRejected,

    /// <summary>The prompt leaves no room in the context.</summary>
    PromptTooLong,

    /// <summary>Even the smallest valid document needs more tokens than the budget.</summary>
    TokensMaxTooSmall,
}

/// <param name="Kind">Which refusal.</param>
/// <param name="Message">One sentence for the caller.</param>
public sealed record GenerationRejection(GenerationRejectionKind Kind, string Message)
{
    public IReadOnlyList<SchemaRejection> SchemaRejections { get; init; } = [];

    /// <summary>The tool whose schema it is, or null for the answer's.</summary>
    public ToolDefinition? Tool { get; init; }
}
