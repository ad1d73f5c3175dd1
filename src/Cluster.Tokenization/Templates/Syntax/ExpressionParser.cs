using System.Globalization;

namespace Cluster.Tokenization.Templates.Syntax;

/// <summary>
/// Reads expressions, loosest binding first: if-else, or, and, not, comparison and in, + - ~, * / // %, **, is, |, sign, call and member.
/// </summary>
internal sealed class ExpressionParser(TokenCursor cursor)
{
    public TemplateNode Parse()
    {
        cursor.Enter();
        TemplateNode value = ParseOr();
        if (cursor.SkipWord("if"))
        {
            TemplateNode test = ParseOr();
            value = cursor.SkipWord("else") ? new TemplateNode.Ternary(test, value, Parse()) : new TemplateNode.Select(value, test);
        }
        cursor.Leave();
        return value;
    }

    /// <summary>One expression, or several with commas between: a tuple.</summary>
    public TemplateNode ParseSequence() => ParseSequence(Parse);

    public TemplateNode ParseLoopTarget()
    {
        TemplateNode target = ParseSequence(ParsePrimary);
        return target is TemplateNode.Identifier or TemplateNode.Tuple ? target : throw TemplateException.Syntax("a loop variable is a name or a tuple of names");
    }

    public List<Parameter> ParseParameters()
    {
        var parameters = new List<Parameter>();
        cursor.Expect(TemplateTokenKind.OpenParen);
        while (!cursor.Skip(TemplateTokenKind.CloseParen))
        {
            string name = cursor.Expect(TemplateTokenKind.Identifier).Value;
            TemplateNode? value = cursor.Skip(TemplateTokenKind.Equals) ? Parse() : null;
            if (parameters.Exists(parameter => parameter.Name == name)) throw TemplateException.Syntax("duplicate parameter " + name);
            if (value is null && parameters is [.., { Default: not null }]) throw TemplateException.Syntax("a parameter without default follows one with");
            parameters.Add(new Parameter(name, value));
            cursor.Skip(TemplateTokenKind.Comma);
        }
        return parameters;
    }

    public List<TemplateNode> ParseArguments()
    {
        var arguments = new List<TemplateNode>();
        bool sawKeyword = false, sawSpread = false;
        cursor.Expect(TemplateTokenKind.OpenParen);
        while (!cursor.Skip(TemplateTokenKind.CloseParen))
        {
            if (cursor.Skip(TemplateTokenKind.Power))
            {
                arguments.Add(new TemplateNode.KeywordSpread(Parse()));
                cursor.Skip(TemplateTokenKind.Comma);
                cursor.Expect(TemplateTokenKind.CloseParen);
                break;
            }
            if (cursor.Current is { Kind: TemplateTokenKind.Multiplicative, Value: "*" })
            {
                cursor.Next();
                if (sawSpread) throw TemplateException.Syntax("only one * argument is allowed");
                sawSpread = true;
                arguments.Add(new TemplateNode.Spread(Parse()));
            }
            else
            {
                TemplateNode argument = Parse();
                if (cursor.Skip(TemplateTokenKind.Equals))
                {
                    if (argument is not TemplateNode.Identifier name) throw TemplateException.Syntax("expected a name before =");
                    argument = new TemplateNode.Keyword(name.Name, Parse());
                    sawKeyword = true;
                }
                else if (sawKeyword || sawSpread)
                {
                    throw TemplateException.Syntax("positional arguments come first");
                }
                arguments.Add(argument);
            }
            cursor.Skip(TemplateTokenKind.Comma);
        }
        return arguments;
    }

    public TemplateNode ParseFilterName()
    {
        var name = new TemplateNode.Identifier(cursor.Expect(TemplateTokenKind.Identifier).Value);
        return cursor.Is(TemplateTokenKind.OpenParen) ? ParseCall(name) : name;
    }

    private TemplateNode ParseSequence(Func<TemplateNode> parse)
    {
        TemplateNode first = parse();
        if (!cursor.Is(TemplateTokenKind.Comma)) return first;
        var items = new List<TemplateNode> { first };
        while (cursor.Skip(TemplateTokenKind.Comma)) items.Add(parse());
        return new TemplateNode.Tuple(items);
    }

    private TemplateNode ParseOr()
    {
        TemplateNode left = ParseAnd();
        while (cursor.SkipWord("or")) left = new TemplateNode.Binary("or", left, ParseAnd());
        return left;
    }

    private TemplateNode ParseAnd()
    {
        TemplateNode left = ParseNot();
        while (cursor.SkipWord("and")) left = new TemplateNode.Binary("and", left, ParseNot());
        return left;
    }

    private TemplateNode ParseNot()
    {
        if (!cursor.SkipWord("not")) return ParseComparison();
        cursor.Enter();
        TemplateNode operand = ParseNot();
        cursor.Leave();
        return new TemplateNode.Unary("not", operand);
    }

    private TemplateNode ParseComparison()
    {
        TemplateNode left = ParseBinary(0);
        while (true)
        {
            string name;
            if (cursor.IsWord("not") && cursor.IsWord("in", ahead: 1))
            {
                cursor.Next();
                cursor.Next();
                name = "not in";
            }
            else if (cursor.SkipWord("in")) name = "in";
            else if (cursor.Is(TemplateTokenKind.Comparison)) name = cursor.Next().Value;
            else return left;
            left = new TemplateNode.Binary(name, left, ParseBinary(0));
        }
    }

    private static readonly TemplateTokenKind[] BinaryLevels = [TemplateTokenKind.Additive, TemplateTokenKind.Multiplicative, TemplateTokenKind.Power];

    private TemplateNode ParseBinary(int level)
    {
        if (level == BinaryLevels.Length) return ParseTest();
        TemplateNode left = ParseBinary(level + 1);
        while (cursor.Is(BinaryLevels[level])) left = new TemplateNode.Binary(cursor.Next().Value, left, ParseBinary(level + 1));
        return left;
    }

    private TemplateNode ParseTest()
    {
        TemplateNode operand = ParseFilter();
        while (cursor.SkipWord("is"))
        {
            bool negated = cursor.SkipWord("not");
            operand = new TemplateNode.Test(operand, negated, cursor.Expect(TemplateTokenKind.Identifier).Value);
        }
        return operand;
    }

    private TemplateNode ParseFilter()
    {
        TemplateNode operand = ParseSign();
        while (cursor.Skip(TemplateTokenKind.Pipe)) operand = new TemplateNode.Filter(operand, ParseFilterName());
        return operand;
    }

    private TemplateNode ParseSign()
    {
        if (cursor.Current is { Kind: TemplateTokenKind.UnarySign or TemplateTokenKind.Additive, Value: "-" or "+" } sign)
        {
            cursor.Next();
            cursor.Enter();
            TemplateNode operand = ParseSign();
            cursor.Leave();
            return new TemplateNode.Unary(sign.Value, operand);
        }
        TemplateNode member = ParseMembers(ParsePrimary());
        return cursor.Is(TemplateTokenKind.OpenParen) ? ParseCall(member) : member;
    }

    private TemplateNode ParseCall(TemplateNode callee)
    {
        do callee = ParseMembers(new TemplateNode.Call(callee, ParseArguments()));
        while (cursor.Is(TemplateTokenKind.OpenParen));
        return callee;
    }

    private TemplateNode ParseMembers(TemplateNode target)
    {
        while (true)
        {
            if (cursor.Skip(TemplateTokenKind.Dot))
            {
                TemplateNode property = ParsePrimary();
                if (property is not (TemplateNode.Identifier or TemplateNode.Integer)) throw TemplateException.Syntax("expected a name or an integer after a dot");
                target = new TemplateNode.Member(target, property, Computed: false);
            }
            else if (cursor.Skip(TemplateTokenKind.OpenSquare))
            {
                target = new TemplateNode.Member(target, ParseSubscript(), Computed: true);
                cursor.Expect(TemplateTokenKind.CloseSquare);
            }
            else
            {
                return target;
            }
        }
    }

    /// <summary>[x], or [start:stop:step] with any part left out.</summary>
    private TemplateNode ParseSubscript()
    {
        var parts = new List<TemplateNode?>();
        bool isSlice = false;
        while (!cursor.Is(TemplateTokenKind.CloseSquare))
        {
            if (cursor.Skip(TemplateTokenKind.Colon))
            {
                parts.Add(null);
                isSlice = true;
                continue;
            }
            parts.Add(Parse());
            isSlice |= cursor.Skip(TemplateTokenKind.Colon);
        }
        if (parts.Count is 0 or > 3 || (!isSlice && parts.Count > 1)) throw TemplateException.Syntax("a subscript has one to three parts");
        return isSlice ? new TemplateNode.Slice(parts[0], parts.ElementAtOrDefault(1), parts.ElementAtOrDefault(2)) : parts[0]!;
    }

    private TemplateNode ParsePrimary()
    {
        TemplateToken token = cursor.Next();
        switch (token.Kind)
        {
            case TemplateTokenKind.Number:
                double number = double.Parse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture);
                return token.Value.Contains('.') ? new TemplateNode.Float(number) : new TemplateNode.Integer(number);
            case TemplateTokenKind.String:
                string text = token.Value;
                while (cursor.Is(TemplateTokenKind.String)) text += cursor.Next().Value;
                return new TemplateNode.String(text);
            case TemplateTokenKind.Identifier:
                return new TemplateNode.Identifier(token.Value);
            case TemplateTokenKind.OpenParen:
                TemplateNode inner = ParseSequence();
                cursor.Expect(TemplateTokenKind.CloseParen);
                return inner;
            case TemplateTokenKind.OpenSquare:
                return new TemplateNode.Array(ParseItems(TemplateTokenKind.CloseSquare, Parse));
            case TemplateTokenKind.OpenCurly:
                return new TemplateNode.Object(ParseItems(TemplateTokenKind.CloseCurly, ParseEntry));
            default:
                throw TemplateException.Syntax($"unexpected {token.Kind} '{token.Value}'");
        }
    }

    private (TemplateNode Key, TemplateNode Value) ParseEntry()
    {
        TemplateNode key = Parse();
        cursor.Expect(TemplateTokenKind.Colon);
        return (key, Parse());
    }

    private List<T> ParseItems<T>(TemplateTokenKind close, Func<T> parse)
    {
        var items = new List<T>();
        while (!cursor.Skip(close))
        {
            items.Add(parse());
            cursor.Skip(TemplateTokenKind.Comma);
        }
        return items;
    }
}
