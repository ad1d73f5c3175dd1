using System.Security.Cryptography;
using System.Text;
using Cluster.Grammar.Automata;
using Cluster.Grammar.Schema;
using Cluster.Grammar.Structure;

namespace Cluster.Grammar;

/// <summary>Compiles sources into grammars. Thread-safe, total (never throws on input), deterministic.</summary>
public static class GrammarCompiler
{
    /// <summary>
    /// 1. Read the schema into a graph, refusing what cannot be enforced. 2. Set up the lazy automaton. 3. Find the smallest document:
    /// there is one, or the schema is unsatisfiable. Everything else is built when decoding first needs it.
    /// </summary>
    /// <param name="spec">The source.</param>
    /// <param name="bestEffort">True to leave out, and report, keywords that cannot be enforced, instead of refusing (strict: false).</param>
    /// <param name="remotes">Documents that references may lead to, by URI without fragment; null for none. Nothing is ever fetched.</param>
    public static CompileResult Compile(
        GrammarSpec spec, bool bestEffort = false, IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? remotes = null)
    {
        string text = spec.Kind switch
        {
            GrammarKind.JsonSchema => spec.Text,
            GrammarKind.JsonObject => """{"type":"object"}""",
            _ => "",
        };
        if (spec.Kind is GrammarKind.Regex or GrammarKind.Choice)
        {
            return new CompileResult(null, [new SchemaRejection(SchemaRejectionKind.UnsupportedKeyword, "", "", $"Grammars of kind {spec.Kind} are not supported.")]);
        }
        // 1.
        var fuel = new Fuel(spec.Options.CompileFuel);
        SchemaReading reading;
        Machine machine;
        int bytes;
        try
        {
            reading = SchemaReader.Read(text, spec.Options, bestEffort, new SchemaRegistry(remotes));
            if (reading.Root is null) return new CompileResult(null, reading.Rejections);
            // 2.
            machine = new Machine(reading.Root, spec.Options, fuel);
            // 3.
            bytes = machine.Costs.BytesOf(machine.Root);
        }
        catch (FuelSpentException)
        {
            return new CompileResult(null, [new SchemaRejection(SchemaRejectionKind.TooLarge, "", "",
                $"Compiling the schema took more than {spec.Options.CompileFuel} operations.") { FuelSpent = fuel.Spent }]);
        }
        if (bytes == Cost.None)
        {
            return new CompileResult(null, [new SchemaRejection(SchemaRejectionKind.Unsatisfiable, "", "",
                "No finite value matches the schema.") { FuelSpent = fuel.Spent }]);
        }
        machine.Fuel = new Fuel(long.MaxValue);
        var report = new GrammarReport
        {
            Keywords = reading.Keywords,
            Fuel = fuel.Spent,
            States = machine.Store.Count,
            Bytes = machine.Store.Count * 200L + text.Length * 2L,
            FewestBytes = bytes,
        };
        return new CompileResult(new CompiledGrammar(HashOf(spec), report, machine), reading.Rejections);
    }

    private static string HashOf(GrammarSpec spec)
        => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{spec.Kind}\n{spec.Options}\n{spec.Text}")));
}
