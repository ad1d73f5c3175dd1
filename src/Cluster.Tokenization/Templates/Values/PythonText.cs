namespace Cluster.Tokenization.Templates.Values;

/// <summary>A value as Python's str() spells it.</summary>
internal static class PythonText
{
    public static string Of(TemplateValue value, RenderLimits limits)
    {
        var text = new LimitedText(limits);
        Write(value, text, limits);
        return text.ToString();
    }

    private static void Write(TemplateValue value, LimitedText text, RenderLimits limits)
    {
        limits.Enter();
        switch (value)
        {
            case StringValue s:
                WriteString(s.Value, text);
                break;
            case BoolValue flag:
                text.Append(flag.Value ? "True" : "False");
                break;
            case NoneValue or UndefinedValue:
                text.Append("None");
                break;
            case ListValue list:
                text.Append(list.IsTuple ? '(' : '[');
                WriteAll(list.Items.Count, i => Write(list.Items[i], text, limits), text);
                text.Append(list.IsTuple ? ')' : ']');
                break;
            case MapValue map:
                text.Append('{');
                WriteAll(map.Entries.Count, i =>
                {
                    WriteString(map.Entries.GetAt(i).Key, text);
                    text.Append(": ");
                    Write(map.Entries.GetAt(i).Value, text, limits);
                }, text);
                text.Append('}');
                break;
            default:
                text.Append(value.ToText(limits));
                break;
        }
        limits.Leave();
    }

    private static void WriteAll(int count, Action<int> write, LimitedText text)
    {
        for (int i = 0; i < count; i++)
        {
            if (i > 0) text.Append(", ");
            write(i);
        }
    }

    /// <summary>In single quotes, unless that needs escapes and double quotes do not.</summary>
    private static void WriteString(string value, LimitedText text)
    {
        char quote = value.Contains('\'') && !value.Contains('"') ? '"' : '\'';
        text.Append(quote);
        foreach (char c in value)
        {
            text.Append(c switch
            {
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when c == quote => "\\" + c,
                < ' ' or '\x7F' => $"\\x{(int)c:x2}",
                _ => c.ToString(),
            });
        }
        text.Append(quote);
    }
}
