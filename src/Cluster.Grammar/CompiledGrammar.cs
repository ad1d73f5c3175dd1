using System.Runtime.CompilerServices;
using Cluster.Grammar.Masks;
using Cluster.Grammar.Structure;
using Cluster.Tokenization;

namespace Cluster.Grammar;

/// <summary>A schema as a lazy automaton: immutable to its users, shared by every request with the same <see cref="GrammarSpec"/>.</summary>
public sealed class CompiledGrammar
{
    private readonly ConditionalWeakTable<Vocabulary, MaskEngine> _engines = [];

    internal CompiledGrammar(string hash, GrammarReport report, Machine machine)
    {
        Hash = hash;
        Report = report;
        Machine = machine;
    }

    /// <summary>Lower-case hex SHA-256 of the canonical source and options.</summary>
    public string Hash { get; }

    public GrammarReport Report { get; }

    internal Machine Machine { get; }

    /// <summary>The masks of this grammar over one vocabulary.</summary>
    internal MaskEngine EngineOf(Vocabulary vocabulary) => _engines.GetValue(vocabulary, x => new MaskEngine(Machine, x));
}

/// <summary>Outcome of a compile: a grammar, or the reasons why not. Under best effort possibly both.</summary>
/// <param name="Grammar">The grammar, or null when refused.</param>
/// <param name="Rejections">Why it was refused; under best effort, what was left out.</param>
public sealed record CompileResult(CompiledGrammar? Grammar, IReadOnlyList<SchemaRejection> Rejections);
