namespace Cluster.Grammar;

/// <summary>Why a schema was refused.</summary>
public enum SchemaRejectionKind
{
    /// <summary>Not a schema: not JSON, wrong types, bad <c>$ref</c>, invalid pattern.</summary>
    Malformed,

    /// <summary>A keyword that cannot be enforced exactly.</summary>
    UnsupportedKeyword,

    /// <summary>No finite value matches.</summary>
    Unsatisfiable,

    /// <summary>Compiling exceeded <see cref="GrammarOptions.CompileFuel"/> or another bound of the engine.</summary>
    TooLarge,
}

/// <summary>One reason why a schema was refused: the caller's fault, so a value and not an exception.</summary>
/// <param name="Kind">Which class of refusal.</param>
/// <param name="JsonPointer">Where in the schema (RFC 6901; empty is the root).</param>
/// <param name="Keyword">The keyword concerned, or empty.</param>
/// <param name="Message">One sentence for the caller.</param>
public sealed record SchemaRejection(SchemaRejectionKind Kind, string JsonPointer, string Keyword, string Message)
{
    /// <summary>Fuel spent until the refusal, in engine operations.</summary>
    public long FuelSpent { get; init; }

    /// <summary>Line of the source, from 1, for grammars that are no JSON; 0 where there is none.</summary>
    public int Line { get; init; }

    /// <summary>Column in that line, from 1, in UTF-16 units; 0 where there is none.</summary>
    public int Column { get; init; }
}
