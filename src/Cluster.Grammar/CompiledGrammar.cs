using System.Runtime.CompilerServices;
using Cluster.Grammar.Masks;
using Cluster.Tokenization;

namespace Cluster.Grammar;

/// <summary>A grammar as a lazy automaton: immutable to its users, shared by every request with the same <see cref="GrammarSpec"/>.</summary>
public sealed class CompiledGrammar
{
    private readonly ConditionalWeakTable<Vocabulary, MatchEngine> _engines = [];
    private readonly Func<Vocabulary, MatchEngine> _makeEngine;

    internal CompiledGrammar(string hash, GrammarReport report, Func<Vocabulary, MatchEngine> makeEngine)
    {
        Hash = hash;
        Report = report;
        _makeEngine = makeEngine;
    }

    /// <summary>Lower-case hex SHA-256 of the canonical source and options.</summary>
    public string Hash { get; }

    public GrammarReport Report { get; }

    /// <summary>Bytes that a text of the language may end with; may hold more.</summary>
    internal Func<byte, bool> MayEnd { get; init; } = static _ => true;

    /// <summary>The masks of this grammar over one vocabulary.</summary>
    internal MatchEngine EngineOf(Vocabulary vocabulary) => _engines.GetValue(vocabulary, x => _makeEngine(x));
}

/// <summary>Outcome of a compile: a grammar, or the reasons why not. Under best effort possibly both.</summary>
/// <param name="Grammar">The grammar, or null when refused.</param>
/// <param name="Rejections">Why it was refused; under best effort, what was left out.</param>
public sealed record CompileResult(CompiledGrammar? Grammar, IReadOnlyList<SchemaRejection> Rejections);
