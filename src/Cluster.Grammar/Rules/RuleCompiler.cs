using System.Text.Json;
using Cluster.Grammar.Automata;
using Cluster.Grammar.Automata.Patterns;
using Cluster.Grammar.Structure;

namespace Cluster.Grammar.Rules;

/// <summary>Compiles what is no JSON: patterns, lists of texts, and grammars that a front end has read.</summary>
internal static class RuleCompiler
{
    /// <summary>The whole output matches an ECMA-262 pattern.</summary>
    public static CompileResult CompilePattern(GrammarSpec spec)
    {
        if (!StringLanguage.TryPattern($"^(?:{spec.Text})$", out StringLanguage language, out LeafRefusal? refusal))
        {
            // The pattern alone again, so that the refusal counts its own characters; and "a)(b" is none, whatever stands around it.
            PatternParser.Parse(spec.Text, out LeafRefusal? own);
            return new CompileResult(null, [Rejection(own ?? refusal!)]);
        }
        if (spec.Text.Contains(')') && PatternParser.Parse(spec.Text, out refusal) is null) return new CompileResult(null, [Rejection(refusal!)]);
        return Compile([new RuleExpression.Terminal(language.Node)], spec);
    }

    /// <summary>The output is one of the strings of a JSON array.</summary>
    public static CompileResult CompileChoice(GrammarSpec spec)
    {
        var texts = new List<string>();
        try
        {
            using JsonDocument document = JsonDocument.Parse(spec.Text);
            if (document.RootElement.ValueKind != JsonValueKind.Array || document.RootElement.GetArrayLength() == 0) return Malformed("", "The choices must be an array of at least one string.");
            foreach (JsonElement item in document.RootElement.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.String) return Malformed($"/{texts.Count}", "A choice must be a string.");
                texts.Add(item.GetString()!);
            }
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return Malformed("", "The choices are not JSON in Unicode.");
        }
        catch (InvalidOperationException)
        {
            return Malformed($"/{texts.Count}", "The choice holds a lone surrogate.");
        }
        return Compile([new RuleExpression.Terminal(StringLanguage.Literals(texts).Node)], spec);
    }

    /// <param name="rules">Rule 0 derives whole texts.</param>
    public static CompileResult Compile(RuleExpression[] rules, GrammarSpec spec)
    {
        var fuel = new Fuel(spec.Options.CompileFuel);
        try
        {
            RuleGrammar? grammar = RuleBuilder.Build(rules, fuel);
            if (grammar is null)
            {
                return new CompileResult(null, [new SchemaRejection(SchemaRejectionKind.Unsatisfiable, "", "", "No finite text is in the language.") { FuelSpent = fuel.Spent }]);
            }
            var machine = new RuleMachine(grammar, fuel);
            var report = new GrammarReport
            {
                Fuel = fuel.Spent,
                States = grammar.Symbols.Length,
                Bytes = spec.Text.Length * 2L + grammar.Symbols.Length * 24L + grammar.Terminals.Sum(static x => x.Bytes),
                FewestBytes = (int)Math.Min(grammar.Cost, int.MaxValue),
            };
            return new CompileResult(new CompiledGrammar(spec, report, () => new GrammarTables(x => new RuleEngine(machine, x, spec.Options), () => machine.Bytes)), []);
        }
        catch (FuelSpentException)
        {
            return TooLarge($"Compiling the grammar took more than {spec.Options.CompileFuel} operations.", fuel.Spent);
        }
        catch (InsufficientExecutionStackException)
        {
            return TooLarge("The grammar nests too deeply.", fuel.Spent);
        }
    }

    public static SchemaRejection Rejection(LeafRefusal refusal) => new(refusal.Kind switch
    {
        LeafRefusalKind.Malformed => SchemaRejectionKind.Malformed,
        LeafRefusalKind.TooLarge => SchemaRejectionKind.TooLarge,
        _ => SchemaRejectionKind.UnsupportedKeyword,
    }, "", "", refusal.Message);

    private static CompileResult Malformed(string pointer, string message) => new(null, [new SchemaRejection(SchemaRejectionKind.Malformed, pointer, "", message)]);

    private static CompileResult TooLarge(string message, long fuel)
        => new(null, [new SchemaRejection(SchemaRejectionKind.TooLarge, "", "", message) { FuelSpent = fuel }]);
}
