using System.Text;
using Cluster.Grammar.Automata;
using Cluster.Grammar.Automata.Patterns;
using Cluster.Grammar.Automata.Strings;
using Cluster.Grammar.Rules;

namespace Cluster.Grammar.Lark;

/// <summary>
/// Compiles a grammar in Lark's notation. The language is the context-free one: every text that the rules derive, with ignored terminals between
/// any two terminals, before the first and after the last; how a parser would cut it into terminals, and priorities, play no part.
/// </summary>
internal sealed class LarkCompiler
{
    /// <summary>Characters of a source.</summary>
    public const int SourceMax = 250_000;

    private readonly LarkFile _file;
    private readonly Dictionary<string, int> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Node> _terminals = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private Node _ignored = Nodes.Empty;

    private LarkCompiler(LarkFile file) => _file = file;

    public static CompileResult Compile(GrammarSpec spec)
    {
        if (spec.Text.Length > SourceMax)
        {
            return new CompileResult(null, [new SchemaRejection(SchemaRejectionKind.TooLarge, "", "", $"The grammar has more than {SourceMax} characters.")]);
        }
        try
        {
            return RuleCompiler.Compile(new LarkCompiler(LarkParser.Parse(spec.Text)).Rules(), spec);
        }
        catch (LarkRefusalException refusal)
        {
            return new CompileResult(null, [refusal.Rejection]);
        }
        catch (InsufficientExecutionStackException)
        {
            return new CompileResult(null, [new SchemaRejection(SchemaRejectionKind.TooLarge, "", "", "The grammar nests too deeply.")]);
        }
    }

    private RuleExpression[] Rules()
    {
        if (!_file.Definitions.TryGetValue("start", out LarkDefinition? start)) throw new LarkRefusalException(SchemaRejectionKind.Malformed, 1, 1, "There is no rule 'start'.");
        Node[] ignored = [.. _file.Ignored.Select(x => TerminalOf(x, 0))];
        _ignored = ignored.Length == 0 ? Nodes.Empty : Nodes.Repeat(Nodes.Or(ignored), 0, Node.Unbounded);
        int number = 1;
        foreach (LarkDefinition definition in _file.Definitions.Values)
        {
            if (definition.Name.Kind == LarkTokenKind.Rule) _rules[definition.Name.Value] = number++;
            else NameOf(definition.Name, 0);
        }
        var rules = new RuleExpression[number];
        rules[0] = new RuleExpression.Sequence([new RuleExpression.Terminal(_ignored), new RuleExpression.Reference(_rules[start.Name.Value])]);
        foreach ((string name, int rule) in _rules) rules[rule] = RuleOf(_file.Definitions[name].Body);
        return rules;
    }

    /// <summary>Nesting is bounded by the parser, so that this may use the native stack.</summary>
    private RuleExpression RuleOf(LarkSyntax syntax)
    {
        switch (syntax)
        {
            case LarkSyntax.Sequence sequence:
                return new RuleExpression.Sequence([.. sequence.Items.Select(RuleOf)]);
            case LarkSyntax.Choice choice:
                return new RuleExpression.Choice(ChoiceOf(choice.Branches));
            case LarkSyntax.Repeat repeat:
                return new RuleExpression.Repeat(RuleOf(repeat.Body), repeat.Min, repeat.Max);
            case LarkSyntax.Name { At: { Kind: LarkTokenKind.Rule } name }:
                return _rules.TryGetValue(name.Value, out int rule) ? new RuleExpression.Reference(rule) : throw LarkRefusalException.Malformed(name, $"The rule '{name.Value}' is not defined.");
            default:
                return new RuleExpression.Terminal(Nodes.Concat(TerminalOf(syntax, 0), _ignored));
        }
    }

    private List<RuleExpression> ChoiceOf(IReadOnlyList<LarkSyntax> branches)
        => [.. TextsOf(branches, out List<LarkSyntax> others).Select(x => new RuleExpression.Terminal(Nodes.Concat(x, _ignored))), .. others.Select(RuleOf)];

    /// <summary>Plain strings among the branches of a choice are one trie, however many they are.</summary>
    private static Node[] TextsOf(IReadOnlyList<LarkSyntax> branches, out List<LarkSyntax> others)
    {
        static bool IsPlain(LarkSyntax syntax) => syntax is LarkSyntax.Literal { At: { Kind: LarkTokenKind.Text, Flags: "" } };
        others = [.. branches.Where(static x => !IsPlain(x))];
        if (others.Count == branches.Count) return [];
        return [LiteralRange.Root(LiteralSet.FromPattern(branches.Where(IsPlain).Select(static x => x.At.Value.EnumerateRunes().Select(static y => y.Value).ToArray())))];
    }

    private Node NameOf(LarkToken name, int depth)
    {
        if (_terminals.TryGetValue(name.Value, out Node? known)) return known;
        if (!_file.Definitions.TryGetValue(name.Value, out LarkDefinition? definition)) throw LarkRefusalException.Malformed(name, $"The terminal '{name.Value}' is not defined.");
        if (!_open.Add(name.Value)) throw LarkRefusalException.Malformed(name, $"The terminal '{name.Value}' refers to itself; only rules may recurse.");
        if (depth > LarkParser.DepthMax) throw LarkRefusalException.TooLarge(name, $"Terminals refer to each other more than {LarkParser.DepthMax} deep.");
        Node node = TerminalOf(definition.Body, depth + 1);
        _open.Remove(name.Value);
        return _terminals[name.Value] = node;
    }

    private Node TerminalOf(LarkSyntax syntax, int depth)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        Node node = syntax switch
        {
            LarkSyntax.Sequence { Items.Count: 0 } => Nodes.Empty,
            LarkSyntax.Sequence sequence => Nodes.Concat([.. sequence.Items.Select(x => TerminalOf(x, depth))]),
            LarkSyntax.Choice choice => Nodes.Or([.. TextsOf(choice.Branches, out List<LarkSyntax> others), .. others.Select(x => TerminalOf(x, depth))]),
            LarkSyntax.Repeat repeat => Nodes.Repeat(TerminalOf(repeat.Body, depth), repeat.Min, repeat.Max),
            LarkSyntax.Name { At.Kind: LarkTokenKind.Rule } name => throw LarkRefusalException.Malformed(name.At, $"A terminal cannot refer to the rule '{name.At.Value}'."),
            LarkSyntax.Name name => NameOf(name.At, depth),
            LarkSyntax.Range range => Nodes.Set(CodePointSet.Of((OneOf(range.At, range.Low), OneOf(range.At, range.High)))),
            LarkSyntax.Literal { At.Kind: LarkTokenKind.Text } text => TextOf(text.At),
            _ => PatternOf(syntax.At),
        };
        return node.Depth <= 2 * LarkParser.DepthMax ? node : throw LarkRefusalException.TooLarge(syntax.At, "The terminal nests too deeply.");
    }

    private static int OneOf(LarkToken at, string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        return runes.Length == 1 ? runes[0].Value : throw LarkRefusalException.Malformed(at, "A range goes from one character to another.");
    }

    private static Node TextOf(LarkToken text)
        => text.Flags.Length == 0 ? LiteralRange.Root(LiteralSet.FromPattern([[.. text.Value.EnumerateRunes().Select(static x => x.Value)]]))
            : Nodes.Concat([.. text.Value.EnumerateRunes().Select(static x => Nodes.Set(CaseFolding.Close(CodePointSet.Single(x.Value)))), Nodes.Empty]);

    private static Node PatternOf(LarkToken pattern)
    {
        Syntax? syntax = PatternParser.Parse(pattern.Value, out LeafRefusal? refusal);
        if (syntax is { LooksAround: true }) throw LarkRefusalException.Unsupported(pattern, "A terminal cannot look around.");
        if (pattern.Flags.Contains('i') && pattern.Value.Contains("[^", StringComparison.Ordinal)) throw LarkRefusalException.Unsupported(pattern, "A negated class under the flag 'i' is not supported.");
        if (syntax is not null && pattern.Flags.Length > 0) syntax = CaseFolding.Apply(syntax, pattern.Flags.Contains('i'), pattern.Flags.Contains('s'));
        Node? node = syntax is null ? null
            : PatternCompiler.Compile(new SequenceSyntax([new AssertionSyntax(AssertionKind.Start), syntax, new AssertionSyntax(AssertionKind.End)]), out refusal);
        return node ?? throw new LarkRefusalException(RuleCompiler.Rejection(refusal!).Kind, pattern.Line, pattern.Column, refusal!.Message);
    }
}
