namespace Cluster.Grammar.Lark;

/// <summary>The right side of a definition as parsed, before names are looked up.</summary>
internal abstract record LarkSyntax(LarkToken At)
{
    internal sealed record Name(LarkToken At) : LarkSyntax(At);

    internal sealed record Literal(LarkToken At) : LarkSyntax(At);

    internal sealed record Range(LarkToken At, string Low, string High) : LarkSyntax(At);

    internal sealed record Sequence(LarkToken At, IReadOnlyList<LarkSyntax> Items) : LarkSyntax(At);

    internal sealed record Choice(LarkToken At, IReadOnlyList<LarkSyntax> Branches) : LarkSyntax(At);

    internal sealed record Repeat(LarkToken At, LarkSyntax Body, int Min, int Max) : LarkSyntax(At);
}

/// <param name="Name">Where and as what it is defined.</param>
/// <param name="Body">Its right side.</param>
internal sealed record LarkDefinition(LarkToken Name, LarkSyntax Body);

/// <summary>A parsed source.</summary>
internal sealed record LarkFile(IReadOnlyDictionary<string, LarkDefinition> Definitions, IReadOnlyList<LarkSyntax> Ignored);
