using System.ComponentModel.DataAnnotations;

namespace Cluster.Tokenization.Templates;

/// <summary>Bounds on what a chat template may use up.</summary>
public sealed record TemplateOptions
{
    public static TemplateOptions Default { get; } = new();

    /// <summary>UTF-16 code units of a template's source. Default 1,048,576.</summary>
    /// <remarks>Published templates have up to 20,000.</remarks>
    [Range(1, 1 << 28)]
    public int SourceCharsMax { get; init; } = 1 << 20;

    /// <summary>Evaluated nodes, loop turns and 256-character blocks of handled text in one rendering. Default 10,000,000.</summary>
    /// <remarks>Lower it to make a runaway template fail sooner; a conversation of a thousand messages takes some 100,000.</remarks>
    [Range(1, int.MaxValue)]
    public int StepsMax { get; init; } = 10_000_000;

    /// <summary>UTF-16 code units of the output, and of every string on the way. Default 16,777,216.</summary>
    /// <remarks>Keep it at least at the longest prompt that requests may carry.</remarks>
    [Range(1, 1 << 30)]
    public int OutputCharsMax { get; init; } = 1 << 24;

    /// <summary>Nesting of blocks, expressions and macro calls. Default 500.</summary>
    /// <remarks>Each level takes stack; published templates stay below 100.</remarks>
    [Range(1, 2000)]
    public int DepthMax { get; init; } = 500;
}
