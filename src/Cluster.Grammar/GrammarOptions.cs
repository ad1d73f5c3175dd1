using System.ComponentModel.DataAnnotations;

namespace Cluster.Grammar;

/// <summary>In which order the keys of an object may appear.</summary>
public enum PropertyOrder { Schema, Any }

/// <summary>Whether keys and literals have one spelling or every spelling of the same value. The contents of strings are free in both.</summary>
public enum Spelling { Canonical, Any }

/// <summary>White space between JSON tokens: none; <c>", "</c> and <c>": "</c>; compact or spaced as the writer begins; or up to a bound of each kind.</summary>
public enum Whitespace { Compact, Spaced, CompactOrSpaced, Bounded }

/// <summary>Whether <c>format</c> is enforced or only noted.</summary>
public enum FormatMode { Assert, Annotation }

/// <summary>Whether <c>contentEncoding</c> (base64, base64url, base32, base16) is only noted, as the specification has it, or enforced.</summary>
public enum ContentMode { Annotation, Assert }

/// <summary>Whether the keywords beside a <c>$ref</c> of draft-07 and older are ignored, as these drafts have it, or enforced with it, as most validators do.</summary>
public enum ReferenceSiblings { AsDialect, Enforced }

/// <summary>
/// Which texts of the validating values are in the language; a part of a grammar's identity (two compiles with equal schema and
/// equal options are the same grammar).
/// </summary>
public sealed record GrammarOptions
{
    /// <remarks><c>Schema</c> suits prompts whose answer builds up (reasoning before result); <c>Any</c> leaves the order to the model.</remarks>
    public PropertyOrder Order { get; init; } = PropertyOrder.Schema;

    public Spelling Spelling { get; init; } = Spelling.Canonical;

    public Whitespace Whitespace { get; init; } = Whitespace.CompactOrSpaced;

    public FormatMode Format { get; init; } = FormatMode.Assert;

    /// <remarks><c>Assert</c> suits callers who decode such strings and have no use for one that cannot be.</remarks>
    public ContentMode Content { get; init; } = ContentMode.Annotation;

    /// <remarks><c>Enforced</c> suits callers who do not know who will validate: what is written then is right for both kinds of validator.</remarks>
    public ReferenceSiblings ReferenceSiblings { get; init; } = ReferenceSiblings.AsDialect;

    /// <summary>Most white-space bytes between two JSON tokens under <see cref="Whitespace.Bounded"/>.</summary>
    [Range(1, 1024)]
    public int WhitespaceBytesMax { get; init; } = 64;

    /// <summary>Most digits of a number's integer part or fraction; an exponent has at most three.</summary>
    [Range(1, 4096)]
    public int DigitsMax { get; init; } = 40;

    /// <summary>Deepest nesting of a generated document (levels of objects and arrays).</summary>
    [Range(1, 100_000)]
    public int DepthMax { get; init; } = 512;

    /// <summary>Work that compiling one schema may cost, in engine operations (not seconds: equal on every machine).</summary>
    /// <remarks>Raise it for schemas that combine very many conditions: a million operations take some 30 ms. Ordinary schemas need some thousands.</remarks>
    [Range(1_000, long.MaxValue)]
    public long CompileFuel { get; init; } = 2_000_000;

    /// <summary>Work that one mask may cost, in engine operations; past it the mask follows the witness and is counted as narrowed.</summary>
    [Range(1_000, long.MaxValue)]
    public long MaskFuel { get; init; } = 5_000_000;
}
