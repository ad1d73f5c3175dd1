using System.Security.Cryptography;
using System.Text;

namespace Cluster.Grammar;

/// <summary>What kind of source text a grammar is compiled from.</summary>
public enum GrammarKind
{
    /// <summary>A JSON Schema; the text is the schema's JSON.</summary>
    JsonSchema,

    /// <summary>Any JSON object; the text is empty.</summary>
    JsonObject,

    /// <summary>The whole output matches an ECMA-262 pattern.</summary>
    Regex,

    /// <summary>The output is one of the strings of a JSON array.</summary>
    Choice,

    /// <summary>The output is derived from a context-free grammar in Lark's notation (README).</summary>
    Lark,

    /// <summary>Free text with tags in it, whose contents are grammars; the text is the JSON of the structural tag (README).</summary>
    StructuralTag,
}

/// <summary>The source of a grammar: small, serialisable, and all that crosses machines (compiled automata never do).</summary>
/// <param name="Kind">How <paramref name="Text"/> is read.</param>
/// <param name="Text">The source text, exactly as the caller wrote it.</param>
/// <param name="Options">Which spellings of a valid value are allowed.</param>
public sealed record GrammarSpec(GrammarKind Kind, string Text, GrammarOptions Options)
{
    private string? _hash;

    // A copy may be changed (with), so that it has a hash of its own; and the hash is no part of equality.
    private GrammarSpec(GrammarSpec other) => (Kind, Text, Options) = (other.Kind, other.Text, other.Options);

    /// <summary>Lower-case hex SHA-256 of kind, options and text: the grammar's name in caches and on pages. Computed once.</summary>
    public string Hash => _hash ??= Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Kind}\n{Options}\n{Text}")));

    public bool Equals(GrammarSpec? other) => other is not null && Kind == other.Kind && Text == other.Text && Options == other.Options;

    public override int GetHashCode() => HashCode.Combine(Kind, Text, Options);
}
