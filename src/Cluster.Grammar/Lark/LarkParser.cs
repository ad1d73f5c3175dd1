using System.Globalization;
using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Lark;

/// <summary>Parses the token list; groups nest on an explicit stack.</summary>
internal sealed class LarkParser
{
    /// <summary>Deepest nesting of groups.</summary>
    public const int DepthMax = 200;

    /// <summary>Most rounds of a counted repetition.</summary>
    public const int RoundsMax = 1_000_000;

    private readonly List<LarkToken> _tokens;
    private readonly Dictionary<string, LarkDefinition> _definitions = new(StringComparer.Ordinal);
    private readonly List<LarkSyntax> _ignored = [];
    private int _at;

    private LarkParser(List<LarkToken> tokens) => _tokens = tokens;

    private LarkToken Here => _tokens[_at];

    public static LarkFile Parse(string source)
    {
        var parser = new LarkParser(new LarkLexer(source).Read());
        parser.ParseFile();
        return new LarkFile(parser._definitions, parser._ignored);
    }

    private void ParseFile()
    {
        while (Here.Kind != LarkTokenKind.End)
        {
            switch (Here)
            {
                case { Kind: LarkTokenKind.NewLine }: _at++; break;
                case { Kind: LarkTokenKind.Directive }: ParseDirective(); break;
                default: ParseDefinition(); break;
            }
        }
    }

    private void ParseDirective()
    {
        LarkToken directive = Here;
        _at++;
        switch (directive.Value)
        {
            case "ignore": _ignored.Add(ParseBody()); break;
            case "import": ParseImport(directive); break;
            default: throw LarkRefusalException.Unsupported(directive, $"The directive '%{directive.Value}' is not supported, only %ignore and %import.");
        }
    }

    private void ParseImport(LarkToken directive)
    {
        LarkToken module = Take(LarkTokenKind.Rule, "the name of a module");
        if (module.Value != "common") throw LarkRefusalException.Unsupported(module, "Only the module 'common' can be imported from.");
        var names = new List<LarkToken>();
        if (TryTake("."))
        {
            names.Add(Take(LarkTokenKind.Terminal, "the name of a terminal"));
        }
        else if (TryTake("("))
        {
            do names.Add(Take(LarkTokenKind.Terminal, "the name of a terminal"));
            while (TryTake(","));
            Expect(")");
        }
        else
        {
            throw LarkRefusalException.Malformed(directive, "%import needs '.NAME' or '(NAME, …)' after the module.");
        }
        LarkToken? alias = TryTake("->") ? Take(LarkTokenKind.Terminal, "the name of a terminal") : null;
        foreach (LarkToken name in names)
        {
            if (!LarkCommon.Patterns.TryGetValue(name.Value, out string? pattern)) throw LarkRefusalException.Unsupported(name, $"The module 'common' has no '{name.Value}' here.");
            Define(alias ?? name, new LarkSyntax.Literal(name with { Kind = LarkTokenKind.Pattern, Value = pattern, Flags = "" }));
        }
        EndLine();
    }

    private void ParseDefinition()
    {
        while (TryTake("?") || TryTake("!")) { }
        LarkToken name = Here;
        if (name.Kind is not (LarkTokenKind.Rule or LarkTokenKind.Terminal)) throw LarkRefusalException.Malformed(name, "A definition must begin with the name of a rule or a terminal.");
        _at++;
        if (Here.Value == "{" && Here.Kind == LarkTokenKind.Operator) throw LarkRefusalException.Unsupported(Here, "Templates are not supported.");
        if (TryTake(".")) Take(LarkTokenKind.Number, "a priority"); // which derivation is chosen, never which texts there are
        Expect(":");
        Define(name, ParseBody());
    }

    private void Define(LarkToken name, LarkSyntax body)
    {
        if (!_definitions.TryAdd(name.Value, new LarkDefinition(name, body))) throw LarkRefusalException.Malformed(name, $"'{name.Value}' is defined twice.");
    }

    private sealed class Group(LarkToken open)
    {
        public LarkToken Open { get; } = open;
        public List<LarkSyntax> Branches { get; } = [];
        public List<LarkSyntax> Items { get; set; } = [];

        public LarkSyntax Close()
        {
            LarkSyntax last = Items.Count == 1 ? Items[0] : new LarkSyntax.Sequence(Open, Items);
            if (Branches.Count == 0) return last;
            Branches.Add(last);
            return new LarkSyntax.Choice(Open, Branches);
        }
    }

    private LarkSyntax ParseBody()
    {
        var groups = new Stack<Group>();
        groups.Push(new Group(Here));
        while (true)
        {
            LarkToken token = Here;
            switch (token.Kind, token.Value)
            {
                case (LarkTokenKind.End, _) when groups.Count == 1:
                    return groups.Pop().Close();
                case (LarkTokenKind.NewLine, _):
                    SkipNewLines();
                    if (groups.Count == 1 && Here is not { Kind: LarkTokenKind.Operator, Value: "|" }) return groups.Pop().Close();
                    break;
                case (LarkTokenKind.Operator, "|"):
                    _at++;
                    Group group = groups.Peek();
                    group.Branches.Add(group.Items.Count == 1 ? group.Items[0] : new LarkSyntax.Sequence(group.Open, group.Items));
                    group.Items = [];
                    break;
                case (LarkTokenKind.Operator, "(" or "["):
                    if (groups.Count > DepthMax) throw LarkRefusalException.TooLarge(token, $"Groups are nested more than {DepthMax} deep.");
                    _at++;
                    groups.Push(new Group(token));
                    break;
                case (LarkTokenKind.Operator, ")" or "]"):
                    _at++;
                    Group closed = groups.Pop();
                    if (groups.Count == 0 || (closed.Open.Value == "(") != (token.Value == ")") || closed.Open.Value is not ("(" or "["))
                    {
                        throw LarkRefusalException.Malformed(token, $"'{token.Value}' closes nothing.");
                    }
                    LarkSyntax body = closed.Close();
                    groups.Peek().Items.Add(Repeated(closed.Open.Value == "[" ? new LarkSyntax.Repeat(closed.Open, body, 0, 1) : body));
                    break;
                case (LarkTokenKind.Operator, "->"):
                    _at++;
                    if (Here.Kind is not (LarkTokenKind.Rule or LarkTokenKind.Terminal)) throw LarkRefusalException.Malformed(Here, "An alias must be a name.");
                    _at++; // names a branch of the tree, not a text
                    break;
                case (LarkTokenKind.Rule or LarkTokenKind.Terminal, _):
                    _at++;
                    if (Here is { Kind: LarkTokenKind.Operator, Value: "{" }) throw LarkRefusalException.Unsupported(Here, "Templates are not supported.");
                    groups.Peek().Items.Add(Repeated(new LarkSyntax.Name(token)));
                    break;
                case (LarkTokenKind.Text or LarkTokenKind.Pattern, _):
                    _at++;
                    LarkSyntax literal = token.Kind == LarkTokenKind.Text && TryTake("..")
                        ? new LarkSyntax.Range(token, token.Value, Take(LarkTokenKind.Text, "a string").Value)
                        : new LarkSyntax.Literal(token);
                    groups.Peek().Items.Add(Repeated(literal));
                    break;
                case (LarkTokenKind.End, _):
                    throw LarkRefusalException.Malformed(groups.Peek().Open, "The group is not closed.");
                default:
                    throw LarkRefusalException.Malformed(token, $"'{token.Value}' is not expected here.");
            }
        }
    }

    private LarkSyntax Repeated(LarkSyntax body)
    {
        LarkToken at = Here;
        if (TryTake("?")) return new LarkSyntax.Repeat(at, body, 0, 1);
        if (TryTake("*")) return new LarkSyntax.Repeat(at, body, 0, Node.Unbounded);
        if (TryTake("+")) return new LarkSyntax.Repeat(at, body, 1, Node.Unbounded);
        if (!TryTake("~")) return body;
        int min = Rounds(), max = TryTake("..") ? Rounds() : min;
        return min <= max ? new LarkSyntax.Repeat(at, body, min, max) : throw LarkRefusalException.Malformed(at, "The bounds of a repetition are out of order.");
    }

    private int Rounds()
    {
        LarkToken number = Take(LarkTokenKind.Number, "a number of rounds");
        if (!int.TryParse(number.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int rounds) || rounds > RoundsMax)
        {
            throw LarkRefusalException.TooLarge(number, $"A repetition may have at most {RoundsMax} counted rounds.");
        }
        return rounds;
    }

    private void SkipNewLines()
    {
        while (Here.Kind == LarkTokenKind.NewLine) _at++;
    }

    private void EndLine()
    {
        if (Here.Kind is not (LarkTokenKind.NewLine or LarkTokenKind.End)) throw LarkRefusalException.Malformed(Here, "The line should end here.");
    }

    private bool TryTake(string value)
    {
        if (Here.Kind != LarkTokenKind.Operator || Here.Value != value) return false;
        _at++;
        return true;
    }

    private void Expect(string value)
    {
        if (!TryTake(value)) throw LarkRefusalException.Malformed(Here, $"'{value}' is expected here.");
    }

    private LarkToken Take(LarkTokenKind kind, string what)
    {
        LarkToken token = Here;
        if (token.Kind != kind) throw LarkRefusalException.Malformed(token, $"{char.ToUpperInvariant(what[0])}{what[1..]} is expected here.");
        _at++;
        return token;
    }
}
