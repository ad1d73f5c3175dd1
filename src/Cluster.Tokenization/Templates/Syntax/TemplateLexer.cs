using System.Globalization;
using System.Text;

namespace Cluster.Tokenization.Templates.Syntax;

/// <summary>Cuts a template into text, tags and the tokens inside tags.</summary>
internal sealed class TemplateLexer
{
    /// <summary>Longer spellings before their beginnings.</summary>
    private static readonly (string Spelling, TemplateTokenKind Kind)[] Operators =
    [
        ("{%", TemplateTokenKind.OpenStatement), ("%}", TemplateTokenKind.CloseStatement), ("{{", TemplateTokenKind.OpenExpression), ("}}", TemplateTokenKind.CloseExpression),
        ("(", TemplateTokenKind.OpenParen), (")", TemplateTokenKind.CloseParen), ("{", TemplateTokenKind.OpenCurly), ("}", TemplateTokenKind.CloseCurly),
        ("[", TemplateTokenKind.OpenSquare), ("]", TemplateTokenKind.CloseSquare), (",", TemplateTokenKind.Comma), (".", TemplateTokenKind.Dot),
        (":", TemplateTokenKind.Colon), ("|", TemplateTokenKind.Pipe), ("<=", TemplateTokenKind.Comparison), (">=", TemplateTokenKind.Comparison),
        ("==", TemplateTokenKind.Comparison), ("!=", TemplateTokenKind.Comparison), ("<", TemplateTokenKind.Comparison), (">", TemplateTokenKind.Comparison),
        ("+", TemplateTokenKind.Additive), ("-", TemplateTokenKind.Additive), ("~", TemplateTokenKind.Additive), ("**", TemplateTokenKind.Power),
        ("*", TemplateTokenKind.Multiplicative), ("//", TemplateTokenKind.Multiplicative), ("/", TemplateTokenKind.Multiplicative),
        ("%", TemplateTokenKind.Multiplicative), ("=", TemplateTokenKind.Equals),
    ];

    private readonly string _source;
    private readonly List<TemplateToken> _tokens = [];
    private int _position;
    private int _curlyDepth;

    private TemplateLexer(string source) => _source = WhiteSpaceControl.Apply(source);

    public static List<TemplateToken> Read(string source)
    {
        var lexer = new TemplateLexer(source);
        while (lexer._position < lexer._source.Length) lexer.ReadOne();
        return lexer._tokens;
    }

    private TemplateTokenKind LastKind => _tokens.Count == 0 ? TemplateTokenKind.End : _tokens[^1].Kind;

    private bool OutsideTags => LastKind is TemplateTokenKind.End or TemplateTokenKind.CloseStatement or TemplateTokenKind.CloseExpression or TemplateTokenKind.Comment;

    private void ReadOne()
    {
        if (OutsideTags && TryReadText()) return;
        if (At("{#")) ReadComment();
        else if (At("{%-")) OpenTag("{%", TemplateTokenKind.OpenStatement);
        else if (At("{{-")) OpenTag("{{", TemplateTokenKind.OpenExpression);
        else ReadInsideTag();
    }

    private bool TryReadText()
    {
        int end = _position;
        while (end < _source.Length && !(_source[end] == '{' && end + 1 < _source.Length && _source[end + 1] is '%' or '{' or '#')) end++;
        if (end == _position) return false;
        Add(TemplateTokenKind.Text, _source[_position..end]);
        _position = end;
        return true;
    }

    private void ReadComment()
    {
        int start = _position + 2;
        bool stripBefore = start < _source.Length && _source[start] == '-';
        if (stripBefore) start++;
        int end = _source.IndexOf("#}", start, StringComparison.Ordinal);
        if (end < 0) throw TemplateException.Syntax("a comment without end");
        bool stripAfter = end > start && _source[end - 1] == '-';
        if (stripBefore) StripTextBefore();
        Add(TemplateTokenKind.Comment, "");
        _position = end + 2;
        if (stripAfter) SkipSpace();
    }

    private void OpenTag(string spelling, TemplateTokenKind kind)
    {
        StripTextBefore();
        Add(kind, spelling);
        if (kind == TemplateTokenKind.OpenExpression) _curlyDepth = 0;
        _position += 3;
    }

    private void ReadInsideTag()
    {
        SkipSpace();
        if (_position >= _source.Length) throw TemplateException.Syntax("a tag without end");
        if (At("-%}") || At("-}}"))
        {
            Add(At("-%}") ? TemplateTokenKind.CloseStatement : TemplateTokenKind.CloseExpression, "");
            _position += 3;
            SkipSpace();
            return;
        }
        char c = _source[_position];
        if (c is '-' or '+' && TryReadSign(c)) return;
        if (TryReadOperator()) return;
        if (c is '\'' or '"') ReadString(c);
        else if (char.IsAsciiDigit(c)) Add(TemplateTokenKind.Number, ReadNumber(LastKind != TemplateTokenKind.Dot));
        else if (IsWord(c)) Add(TemplateTokenKind.Identifier, ReadWhile(IsWord));
        else throw TemplateException.Syntax($"unexpected character '{c}'");
    }

    /// <summary>A sign where no operand stands before it belongs to the number, or to the expression, after it.</summary>
    private bool TryReadSign(char sign)
    {
        if (LastKind is TemplateTokenKind.Text or TemplateTokenKind.End) throw TemplateException.Syntax($"unexpected character '{sign}'");
        if (LastKind is TemplateTokenKind.Identifier or TemplateTokenKind.Number or TemplateTokenKind.String or TemplateTokenKind.CloseParen or TemplateTokenKind.CloseSquare) return false;
        _position++;
        string number = ReadNumber(withFraction: true);
        Add(number.Length > 0 ? TemplateTokenKind.Number : TemplateTokenKind.UnarySign, sign + number);
        return true;
    }

    private string ReadNumber(bool withFraction)
    {
        string number = ReadWhile(char.IsAsciiDigit);
        if (!withFraction || number.Length == 0 || _position + 1 >= _source.Length || _source[_position] != '.' || !char.IsAsciiDigit(_source[_position + 1])) return number;
        _position++;
        return number + "." + ReadWhile(char.IsAsciiDigit);
    }

    private bool TryReadOperator()
    {
        foreach ((string spelling, TemplateTokenKind kind) in Operators)
        {
            // Inside a literal {…} two closing braces are two braces.
            if (!At(spelling) || (kind == TemplateTokenKind.CloseExpression && _curlyDepth > 0)) continue;
            Add(kind, spelling);
            _position += spelling.Length;
            _curlyDepth = kind switch
            {
                TemplateTokenKind.OpenExpression => 0,
                TemplateTokenKind.OpenCurly => _curlyDepth + 1,
                TemplateTokenKind.CloseCurly => _curlyDepth - 1,
                _ => _curlyDepth,
            };
            return true;
        }
        return false;
    }

    private void ReadString(char quote)
    {
        var text = new StringBuilder();
        for (_position++; ; _position++)
        {
            if (_position >= _source.Length) throw TemplateException.Syntax("a string without end");
            char c = _source[_position];
            if (c == quote) break;
            text.Append(c == '\\' ? ReadEscape() : c);
        }
        _position++;
        Add(TemplateTokenKind.String, text.ToString());
    }

    /// <summary>Leaves the position on the escape's last character.</summary>
    private char ReadEscape()
    {
        char escaped = ++_position < _source.Length ? _source[_position] : throw TemplateException.Syntax("a string without end");
        if (escaped is 'x' or 'u')
        {
            int digits = escaped == 'x' ? 2 : 4;
            ReadOnlySpan<char> hex = _source.AsSpan(_position + 1, Math.Min(digits, _source.Length - _position - 1));
            if (hex.Length < digits || !ushort.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort value)) throw TemplateException.Syntax("a broken hexadecimal escape");
            _position += digits;
            return (char)value;
        }
        return escaped switch
        {
            'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', 'v' => '\v', '\'' or '"' or '\\' => escaped,
            _ => throw TemplateException.Syntax($"unknown escape \\{escaped}"),
        };
    }

    private string ReadWhile(Func<char, bool> wanted)
    {
        int start = _position;
        while (_position < _source.Length && wanted(_source[_position])) _position++;
        return _source[start.._position];
    }

    private void StripTextBefore()
    {
        if (LastKind != TemplateTokenKind.Text) return;
        string stripped = WhiteSpaceControl.TrimEnd(_tokens[^1].Value);
        _tokens.RemoveAt(_tokens.Count - 1);
        if (stripped.Length > 0) Add(TemplateTokenKind.Text, stripped);
    }

    private void SkipSpace()
    {
        while (_position < _source.Length && WhiteSpaceControl.IsSpace(_source[_position])) _position++;
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private bool At(string spelling) => string.CompareOrdinal(_source, _position, spelling, 0, spelling.Length) == 0;

    private void Add(TemplateTokenKind kind, string value) => _tokens.Add(new TemplateToken(kind, value));
}
