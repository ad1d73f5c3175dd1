namespace Cluster.Tokenization.Templates.Syntax;

/// <summary>Reads a template's statements: text, tags and their bodies.</summary>
internal sealed class StatementParser
{
    private readonly TokenCursor _cursor;
    private readonly ExpressionParser _expressions;

    private StatementParser(TokenCursor cursor)
    {
        _cursor = cursor;
        _expressions = new ExpressionParser(cursor);
    }

    public static IReadOnlyList<TemplateNode> Parse(string source, TemplateOptions options)
    {
        if (source.Length > options.SourceCharsMax) throw TemplateException.Limit(nameof(TemplateOptions.SourceCharsMax));
        var parser = new StatementParser(new TokenCursor(TemplateLexer.Read(source), options.DepthMax));
        var body = new List<TemplateNode>();
        while (!parser._cursor.AtEnd) body.Add(parser.ParseOne());
        return body;
    }

    private List<TemplateNode> ParseUntil(params ReadOnlySpan<string> names)
    {
        _cursor.Enter();
        var body = new List<TemplateNode>();
        while (!_cursor.AtStatement(names)) body.Add(ParseOne());
        _cursor.Leave();
        return body;
    }

    private TemplateNode ParseOne()
    {
        TemplateToken token = _cursor.Next();
        switch (token.Kind)
        {
            case TemplateTokenKind.Comment:
                return new TemplateNode.Comment();
            case TemplateTokenKind.Text:
                return new TemplateNode.Text(token.Value);
            case TemplateTokenKind.OpenStatement:
                return ParseStatement();
            case TemplateTokenKind.OpenExpression:
                TemplateNode expression = _expressions.Parse();
                _cursor.Expect(TemplateTokenKind.CloseExpression);
                return expression;
            default:
                throw TemplateException.Syntax(token.Kind == TemplateTokenKind.End ? "ends inside a block" : $"unexpected {token.Kind} '{token.Value}'");
        }
    }

    private TemplateNode ParseStatement()
    {
        string name = _cursor.Expect(TemplateTokenKind.Identifier).Value;
        switch (name)
        {
            case "set": return ParseSet();
            case "if": return ParseIf(end: true);
            case "for": return ParseFor();
            case "macro": return ParseMacro();
            case "call": return ParseCallBlock();
            case "filter": return ParseFilterBlock();
            case "break":
                CloseTag();
                return new TemplateNode.Break();
            case "continue":
                CloseTag();
                return new TemplateNode.Continue();
            default:
                throw TemplateException.Syntax("unknown statement " + name);
        }
    }

    private void CloseTag() => _cursor.Expect(TemplateTokenKind.CloseStatement);

    private TemplateNode.Set ParseSet()
    {
        TemplateNode target = _expressions.ParseSequence();
        if (_cursor.Skip(TemplateTokenKind.Equals))
        {
            TemplateNode value = _expressions.ParseSequence();
            CloseTag();
            return new TemplateNode.Set(target, value, []);
        }
        CloseTag();
        List<TemplateNode> body = ParseUntil("endset");
        _cursor.ExpectStatement("endset");
        return new TemplateNode.Set(target, null, body);
    }

    private TemplateNode.If ParseIf(bool end)
    {
        TemplateNode test = _expressions.Parse();
        CloseTag();
        List<TemplateNode> body = ParseUntil("elif", "else", "endif");
        List<TemplateNode> otherwise = [];
        if (_cursor.AtStatement("elif"))
        {
            _cursor.Next();
            _cursor.Next();
            _cursor.Enter();
            otherwise.Add(ParseIf(end: false));
            _cursor.Leave();
        }
        else if (_cursor.AtStatement("else"))
        {
            _cursor.ExpectStatement("else");
            otherwise = ParseUntil("endif");
        }
        if (end) _cursor.ExpectStatement("endif");
        return new TemplateNode.If(test, body, otherwise);
    }

    private TemplateNode.For ParseFor()
    {
        TemplateNode target = _expressions.ParseLoopTarget();
        if (!_cursor.SkipWord("in")) throw TemplateException.Syntax("expected 'in' after the loop variable");
        TemplateNode iterable = _expressions.Parse();
        CloseTag();
        List<TemplateNode> body = ParseUntil("endfor", "else");
        List<TemplateNode> otherwise = [];
        if (_cursor.AtStatement("else"))
        {
            _cursor.ExpectStatement("else");
            otherwise = ParseUntil("endfor");
        }
        _cursor.ExpectStatement("endfor");
        return new TemplateNode.For(target, iterable, body, otherwise);
    }

    private TemplateNode.Macro ParseMacro()
    {
        string name = _cursor.Expect(TemplateTokenKind.Identifier).Value;
        List<Parameter> parameters = _expressions.ParseParameters();
        CloseTag();
        List<TemplateNode> body = ParseUntil("endmacro");
        _cursor.ExpectStatement("endmacro");
        return new TemplateNode.Macro(name, parameters, body, SpecialArgumentFinder.Find(parameters, body));
    }

    private TemplateNode.CallBlock ParseCallBlock()
    {
        List<Parameter> parameters = _cursor.Is(TemplateTokenKind.OpenParen) ? _expressions.ParseParameters() : [];
        var callee = new TemplateNode.Identifier(_cursor.Expect(TemplateTokenKind.Identifier).Value);
        var call = new TemplateNode.Call(callee, _expressions.ParseArguments());
        CloseTag();
        List<TemplateNode> body = ParseUntil("endcall");
        _cursor.ExpectStatement("endcall");
        return new TemplateNode.CallBlock(call, parameters, body, SpecialArgumentFinder.Find(parameters, body));
    }

    private TemplateNode.FilterBlock ParseFilterBlock()
    {
        TemplateNode filter = _expressions.ParseFilterName();
        CloseTag();
        List<TemplateNode> body = ParseUntil("endfilter");
        _cursor.ExpectStatement("endfilter");
        return new TemplateNode.FilterBlock(filter, body);
    }
}
