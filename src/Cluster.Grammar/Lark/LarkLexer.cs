using System.Globalization;
using System.Text;

namespace Cluster.Grammar.Lark;

/// <summary>Cuts the source into tokens; comments begin with <c>//</c> or <c>#</c>.</summary>
internal sealed class LarkLexer(string source)
{
    private const string Operators = ":|()[]?*+~,.{}!";

    private int _at;
    private int _line = 1;
    private int _lineStart;

    public List<LarkToken> Read()
    {
        var tokens = new List<LarkToken>();
        while (true)
        {
            LarkToken token = Next();
            tokens.Add(token);
            if (token.Kind == LarkTokenKind.End) return tokens;
        }
    }

    private LarkToken Next()
    {
        SkipBlanks();
        var here = new LarkToken(LarkTokenKind.End, "", "", _line, _at - _lineStart + 1);
        if (_at == source.Length) return here;
        char c = source[_at];
        if (c == '\n')
        {
            _at++;
            _line++;
            _lineStart = _at;
            return here with { Kind = LarkTokenKind.NewLine };
        }
        if (c == '"') return ReadText(here);
        if (c == '/') return ReadPattern(here);
        if (c == '%')
        {
            _at++;
            string name = ReadWhile(char.IsAsciiLetter);
            return here with { Kind = LarkTokenKind.Directive, Value = name };
        }
        if (char.IsAsciiLetter(c) || c == '_')
        {
            string name = ReadWhile(static x => char.IsAsciiLetterOrDigit(x) || x == '_');
            string letters = name.TrimStart('_');
            bool isTerminal = letters.Length > 0 && char.IsAsciiLetterUpper(letters[0]);
            if (letters.Any(x => isTerminal ? char.IsAsciiLetterLower(x) : char.IsAsciiLetterUpper(x)))
            {
                throw LarkRefusalException.Malformed(here, $"'{name}' mixes cases: rules are in small letters, terminals in capitals.");
            }
            return here with { Kind = isTerminal ? LarkTokenKind.Terminal : LarkTokenKind.Rule, Value = name };
        }
        if (char.IsAsciiDigit(c) || (c == '-' && _at + 1 < source.Length && char.IsAsciiDigit(source[_at + 1])))
        {
            _at++;
            return here with { Kind = LarkTokenKind.Number, Value = c + ReadWhile(char.IsAsciiDigit) };
        }
        if (source.AsSpan(_at).StartsWith("->") || source.AsSpan(_at).StartsWith(".."))
        {
            _at += 2;
            return here with { Kind = LarkTokenKind.Operator, Value = source.Substring(_at - 2, 2) };
        }
        if (!Operators.Contains(c)) throw LarkRefusalException.Malformed(here, $"'{c}' is not expected here.");
        _at++;
        return here with { Kind = LarkTokenKind.Operator, Value = c.ToString() };
    }

    private void SkipBlanks()
    {
        while (_at < source.Length)
        {
            char c = source[_at];
            if (c is ' ' or '\t' or '\r' or '\f')
            {
                _at++;
            }
            else if (c == '#' || source.AsSpan(_at).StartsWith("//"))
            {
                int end = source.IndexOf('\n', _at);
                _at = end < 0 ? source.Length : end;
            }
            else if (c == '\\' && source.AsSpan(_at + 1).TrimStart(" \t\r") is ['\n', ..])
            {
                _at = source.IndexOf('\n', _at) + 1; // a line goes on after a backslash
                _line++;
                _lineStart = _at;
            }
            else
            {
                return;
            }
        }
    }

    private string ReadWhile(Func<char, bool> belongs)
    {
        int start = _at;
        while (_at < source.Length && belongs(source[_at])) _at++;
        return source[start.._at];
    }

    private LarkToken ReadText(LarkToken here)
    {
        var text = new StringBuilder();
        for (_at++; ; _at++)
        {
            if (_at >= source.Length || source[_at] == '\n') throw LarkRefusalException.Malformed(here, "The string is not closed.");
            char c = source[_at];
            if (c == '"') break;
            if (c == '\\') text.Append(ReadEscape(here));
            else text.Append(c);
        }
        _at++;
        string flags = ReadWhile(char.IsAsciiLetter);
        if (flags is not ("" or "i")) throw LarkRefusalException.Unsupported(here, $"The flags '{flags}' of a string are not supported, only 'i'.");
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) i++;
            else if (char.IsSurrogate(text[i])) throw LarkRefusalException.Malformed(here, "The string holds a lone surrogate.");
        }
        return here with { Kind = LarkTokenKind.Text, Value = text.ToString(), Flags = flags };
    }

    private string ReadEscape(LarkToken here)
    {
        if (++_at >= source.Length) throw LarkRefusalException.Malformed(here, "The string is not closed.");
        char c = source[_at];
        int digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits == 0)
        {
            return c switch
            {
                'n' => "\n", 'r' => "\r", 't' => "\t", 'f' => "\f", 'v' => "\v", 'b' => "\b", '0' => "\0", '\\' or '"' or '\'' or '/' => c.ToString(),
                _ => throw LarkRefusalException.Malformed(here, $"The escape '\\{c}' is not known."),
            };
        }
        if (_at + digits >= source.Length || !uint.TryParse(source.AsSpan(_at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value) || value > 0x10FFFF)
        {
            throw LarkRefusalException.Malformed(here, $"The escape '\\{c}' needs {digits} hexadecimal digits of a code point.");
        }
        _at += digits;
        return value is >= 0xD800 and <= 0xDFFF ? ((char)value).ToString() : char.ConvertFromUtf32((int)value);
    }

    private LarkToken ReadPattern(LarkToken here)
    {
        int start = ++_at;
        bool isClass = false;
        for (; ; _at++)
        {
            if (_at >= source.Length || source[_at] == '\n') throw LarkRefusalException.Malformed(here, "The regular expression is not closed.");
            char c = source[_at];
            if (c == '\\') _at++;
            else if (c == '[') isClass = true;
            else if (c == ']') isClass = false;
            else if (c == '/' && !isClass) break;
        }
        string pattern = source[start.._at++];
        string flags = ReadWhile(char.IsAsciiLetter);
        if (flags.Any(static x => x is not ('i' or 's' or 'u'))) throw LarkRefusalException.Unsupported(here, $"The flags '{flags}' of a regular expression are not supported, only 'i', 's' and 'u'.");
        return here with { Kind = LarkTokenKind.Pattern, Value = pattern, Flags = flags };
    }
}
