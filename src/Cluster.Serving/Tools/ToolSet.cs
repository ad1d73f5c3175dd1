using System.Collections.Immutable;
using Cluster.Grammar;

namespace Cluster.Serving.Tools;

/// <summary>A tool that the model may call.</summary>
/// <param name="Name">Unique within a request.</param>
/// <param name="Description">For the model; may be empty.</param>
/// <param name="Input">What its input must be: a JSON Schema for a function, text, a pattern or a grammar for a custom tool (null is free text).</param>
/// <param name="IsStrict">Whether a keyword that cannot be enforced is a refusal.</param>
public sealed record ToolDefinition(string Name, string Description, GrammarSpec? Input, bool IsStrict)
{
    /// <summary>A custom tool's input is text; a function's is JSON.</summary>
    public bool IsCustom { get; init; }

    /// <summary>The parameters as the caller wrote them, for the prompt; null for a custom tool.</summary>
    public string? Parameters { get; init; }

    /// <summary>Where the request names it, for errors.</summary>
    public string Param { get; init; } = "tools";
}

/// <summary>Whether the model may or must call.</summary>
public enum ToolUse { Auto, Required }

/// <summary>The tools of one request.</summary>
/// <param name="Tools">All that the prompt tells the model about.</param>
/// <param name="Use">Whether one must be called.</param>
/// <param name="IsParallel">Whether several calls may come in one answer.</param>
public sealed record ToolSet(ImmutableArray<ToolDefinition> Tools, ToolUse Use, bool IsParallel)
{
    /// <summary>Those that may be called; never empty.</summary>
    public required ImmutableArray<ToolDefinition> Callable { get; init; }
}
