using Cluster.Grammar.Automata;
using Cluster.Grammar.Lark;
using Cluster.Grammar.Masks;
using Cluster.Grammar.Rules;
using Cluster.Grammar.Schema;
using Cluster.Grammar.Structure;
using Cluster.Grammar.Tags;

namespace Cluster.Grammar;

/// <summary>Compiles sources into grammars. Thread-safe, total (never throws on input), deterministic.</summary>
public static class GrammarCompiler
{
    /// <summary>Compiles a source of any kind; everything but the smallest text is built when decoding first needs it.</summary>
    /// <param name="spec">The source.</param>
    /// <param name="bestEffort">True to leave out, and report, keywords that cannot be enforced, instead of refusing (strict: false).</param>
    /// <param name="remotes">Documents that references may lead to, by URI without fragment; null for none. Nothing is ever fetched.</param>
    public static CompileResult Compile(
        GrammarSpec spec, bool bestEffort = false, IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? remotes = null)
    {
        switch (spec.Kind)
        {
            case GrammarKind.JsonSchema: return CompileSchema(spec, spec.Text, bestEffort, remotes);
            case GrammarKind.JsonObject: return CompileSchema(spec, """{"type":"object"}""", bestEffort, remotes);
            case GrammarKind.StructuralTag: return TagCompiler.Compile(spec, x => Compile(x, bestEffort, remotes));
            case GrammarKind.Regex: return RuleCompiler.CompilePattern(spec);
            case GrammarKind.Choice: return RuleCompiler.CompileChoice(spec);
            case GrammarKind.Lark: return LarkCompiler.Compile(spec);
            default: throw new ArgumentOutOfRangeException(nameof(spec), spec.Kind, "No such kind of grammar.");
        }
    }

    /// <summary>
    /// 1. Read the schema into a graph, refusing what cannot be enforced. 2. Set up the lazy automaton. 3. Find the smallest document:
    /// there is one, or the schema is unsatisfiable. Everything else is built when decoding first needs it.
    /// </summary>
    private static CompileResult CompileSchema(
        GrammarSpec spec, string text, bool bestEffort, IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? remotes)
    {
        // 1.
        var fuel = new Fuel(spec.Options.CompileFuel);
        SchemaReading reading;
        Machine? machine = null;
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
        catch (FuelSpentException e)
        {
            (string pointer, string keyword) = FuelCulprit.Of(e.Predicate);
            if (keyword.Length == 0) (pointer, keyword) = FuelCulprit.Of(machine?.Root);
            return new CompileResult(null, [new SchemaRejection(SchemaRejectionKind.TooLarge, pointer, keyword,
                $"Compiling the schema would cost more than {spec.Options.CompileFuel} operations; most of its combinations come from here.") { FuelSpent = fuel.Spent }]);
        }
        if (bytes == Cost.None)
        {
            return new CompileResult(null, [new SchemaRejection(SchemaRejectionKind.Unsatisfiable, UnsatisfiablePlace.Of(reading.Root, spec.Options).Pointer, "",
                "No finite value matches the schema, or none that is shorter than 64 MiB.") { FuelSpent = fuel.Spent }]);
        }
        machine.Fuel = new Fuel(long.MaxValue);
        // Each level takes two bytes: few documents are long enough to be looked at.
        if (bytes / 2 > spec.Options.DepthMax && machine.Costs.HeightOf(machine.Root) > spec.Options.DepthMax)
        {
            return new CompileResult(null, [new SchemaRejection(SchemaRejectionKind.TooLarge, "", "",
                $"The smallest document nests deeper than {spec.Options.DepthMax} levels.") { FuelSpent = fuel.Spent }]);
        }
        var report = new GrammarReport
        {
            LazyKeywords = reading.Keywords,
            Fuel = fuel.Spent,
            States = machine.Store.Count,
            Bytes = text.Length * 2L,
            FewestBytes = bytes,
        };
        Machine? compiled = machine;
        // The first tables are those that compiling has made; later ones begin anew, and find the smallest document again when they need it.
        GrammarTables MakeTables()
        {
            Machine own = Interlocked.Exchange(ref compiled, null) ?? new Machine(reading.Root, spec.Options, new Fuel(long.MaxValue));
            return new GrammarTables(x => new MaskEngine(own, x), () => own.Bytes);
        }
        return new CompileResult(new CompiledGrammar(spec, report, MakeTables) { MayEnd = MayEndJson }, reading.Rejections);
    }

    private static bool MayEndJson(byte value)
        => value is (byte)'}' or (byte)']' or (byte)'"' or (byte)'e' or (byte)'l' or (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (>= (byte)'0' and <= (byte)'9');
}
