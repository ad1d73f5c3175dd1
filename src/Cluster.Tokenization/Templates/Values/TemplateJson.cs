using System.Globalization;
using System.Text.Json;

namespace Cluster.Tokenization.Templates.Values;

/// <summary>How tojson writes.</summary>
internal sealed record JsonStyle
{
    public int Indent { get; init; }

    public bool EnsureAscii { get; init; }

    public bool SortKeys { get; init; }

    public (string Item, string Key)? Separators { get; init; }

    /// <summary>What stands for an undefined value.</summary>
    public string UndefinedText { get; init; } = "null";
}

/// <summary>JSON to values and values to JSON, spaced as Python's json.dumps does.</summary>
internal static class TemplateJson
{
    public static TemplateValue Read(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => new StringValue(json.GetString()!),
        JsonValueKind.Number => ReadNumber(json),
        JsonValueKind.True => BoolValue.True,
        JsonValueKind.False => BoolValue.False,
        JsonValueKind.Array => new ListValue([.. json.EnumerateArray().Select(Read)]),
        JsonValueKind.Object => ReadObject(json),
        JsonValueKind.Null => NoneValue.Instance,
        _ => UndefinedValue.Instance,
    };

    public static string Write(TemplateValue value, JsonStyle style, RenderLimits limits)
    {
        var text = new LimitedText(limits);
        new Writer(style, text, limits).Write(value, 0);
        return text.ToString();
    }

    private static NumberValue ReadNumber(JsonElement json)
    {
        double value = json.GetDouble();
        string raw = json.GetRawText();
        bool digitsOnly = raw.AsSpan().TrimStart('-').IndexOfAnyExceptInRange('0', '9') < 0;
        return new NumberValue(value, isFloat: value % 1 != 0, digitsOnly && Math.Abs(value) >= 1L << 53 ? raw : null);
    }

    private static MapValue ReadObject(JsonElement json)
    {
        var entries = new OrderedDictionary<string, TemplateValue>();
        foreach (JsonProperty property in json.EnumerateObject()) entries[property.Name] = Read(property.Value);
        return new MapValue(entries);
    }

    private sealed class Writer(JsonStyle style, LimitedText text, RenderLimits limits)
    {
        private readonly string _itemSeparator = style.Separators?.Item ?? (style.Indent > 0 ? "," : ", ");
        private readonly string _keySeparator = style.Separators?.Key ?? ": ";

        public void Write(TemplateValue value, int depth)
        {
            limits.Enter();
            switch (value)
            {
                case NoneValue:
                    text.Append("null");
                    break;
                case UndefinedValue:
                    text.Append(style.UndefinedText);
                    break;
                case BoolValue or NumberValue:
                    text.Append(value is NumberValue number && !double.IsFinite(number.Value) ? "null" : value.ToJoined(limits));
                    break;
                case StringValue s:
                    WriteString(s.Value);
                    break;
                case ListValue { IsTuple: false } list:
                    WriteItems('[', list.Items.Count, i => Write(list.Items[i], depth + 1), ']', depth);
                    break;
                case MapValue map:
                    WriteMap(map, depth);
                    break;
                default:
                    throw TemplateException.Runtime($"a {value.Kind} cannot be written as JSON");
            }
            limits.Leave();
        }

        private void WriteMap(MapValue map, int depth)
        {
            KeyValuePair<string, TemplateValue>[] entries = [.. map.Entries];
            if (style.SortKeys) entries = [.. entries.OrderBy(entry => entry.Key, KeyOrder.Instance)];
            WriteItems('{', entries.Length, i =>
            {
                WriteString(entries[i].Key);
                text.Append(_keySeparator);
                Write(entries[i].Value, depth + 1);
            }, '}', depth);
        }

        private void WriteItems(char open, int count, Action<int> write, char close, int depth)
        {
            text.Append(open);
            for (int i = 0; i < count; i++)
            {
                if (i > 0) text.Append(_itemSeparator);
                if (style.Indent > 0) NewLine(depth + 1);
                write(i);
            }
            if (style.Indent > 0 && count > 0) NewLine(depth);
            text.Append(close);
        }

        private void NewLine(int depth)
        {
            limits.Text((long)style.Indent * depth);
            text.Append('\n');
            text.Append(' ', style.Indent * depth);
        }

        private void WriteString(string value)
        {
            text.Append('"');
            for (int i = 0; i < value.Length; i++)
            {
                char c = value[i];
                string? escaped = c switch
                {
                    '"' => "\\\"", '\\' => "\\\\", '\n' => "\\n", '\r' => "\\r", '\t' => "\\t", '\b' => "\\b", '\f' => "\\f",
                    < ' ' => Escape(c),
                    >= '\x7F' when style.EnsureAscii => Escape(c),
                    _ when char.IsSurrogate(c) && !IsPaired(value, i) => Escape(c),
                    _ => null,
                };
                if (escaped is null) text.Append(c);
                else text.Append(escaped);
            }
            text.Append('"');
        }

        private static string Escape(char c) => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture);

        private static bool IsPaired(string value, int i) => char.IsHighSurrogate(value[i])
            ? i + 1 < value.Length && char.IsLowSurrogate(value[i + 1])
            : i > 0 && char.IsHighSurrogate(value[i - 1]);
    }
}
