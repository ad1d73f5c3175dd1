namespace Cluster.Grammar.Validation.Formats;

/// <summary>URI templates: RFC 6570, section 2.</summary>
internal static class TemplateFormat
{
    private const string Operators = "+#./;?&=,!@|";

    public static bool IsTemplate(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '{')
            {
                int end = text.IndexOf('}', i);
                if (end < 0 || !IsExpression(text[(i + 1)..end])) return false;
                i = end;
            }
            else if (text[i] == '%')
            {
                if (!IsPercent(text, i)) return false;
                i += 2;
            }
            else if (text[i] is <= ' ' or '"' or '<' or '>' or '\\' or '^' or '`' or '|' or '}' or (>= '\x7f' and <= '\x9f')) return false;
        }
        return true;
    }

    private static bool IsExpression(string text)
    {
        if (text.Length > 0 && Operators.Contains(text[0], StringComparison.Ordinal)) text = text[1..];
        return Array.TrueForAll(text.Split(','), IsVariable);
    }

    private static bool IsVariable(string text)
    {
        if (text.EndsWith('*')) text = text[..^1];
        else if (text.IndexOf(':') is >= 0 and var colon)
        {
            string length = text[(colon + 1)..];
            if (length.Length is 0 or > 4 || !length.All(char.IsAsciiDigit) || length[0] == '0') return false;
            text = text[..colon];
        }
        return Array.TrueForAll(text.Split('.'), IsName);
    }

    private static bool IsName(string text)
    {
        if (text.Length == 0) return false;
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '_') continue;
            if (text[i] != '%' || !IsPercent(text, i)) return false;
            i += 2;
        }
        return true;
    }

    private static bool IsPercent(string text, int at)
        => at + 2 < text.Length && char.IsAsciiHexDigit(text[at + 1]) && char.IsAsciiHexDigit(text[at + 2]);
}
