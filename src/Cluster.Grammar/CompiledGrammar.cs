namespace Cluster.Grammar;

/// <summary>A schema as a lazy automaton: immutable to its users, shared by every request with the same <see cref="GrammarSpec"/>.</summary>
public sealed class CompiledGrammar
{
    internal CompiledGrammar(string hash, GrammarReport report)
    {
        Hash = hash;
        Report = report;
    }

    /// <summary>Lower-case hex SHA-256 of the canonical source and options.</summary>
    public string Hash { get; }

    public GrammarReport Report { get; }
}

/// <summary>Outcome of a compile: a grammar, or the reasons why not. Under best effort possibly both.</summary>
/// <param name="Grammar">The grammar, or null when refused.</param>
/// <param name="Rejections">Why it was refused; under best effort, what was left out.</param>
public sealed record CompileResult(CompiledGrammar? Grammar, IReadOnlyList<SchemaRejection> Rejections);

/// <summary>Compiles sources into grammars. Thread-safe, total (never throws on input), deterministic.</summary>
public static class GrammarCompiler
{
    /// <param name="spec">The source.</param>
    /// <param name="bestEffort">True to leave out, and report, keywords that cannot be enforced, instead of refusing (strict: false).</param>
    public static CompileResult Compile(GrammarSpec spec, bool bestEffort = false) => throw new NotImplementedException();
}
