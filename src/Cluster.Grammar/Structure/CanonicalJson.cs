using System.Text;
using System.Text.Json;
using Cluster.Grammar.Automata.Numbers;

namespace Cluster.Grammar.Structure;

/// <summary>One text for each JSON value: equal values, however they are written, have equal texts.</summary>
internal static class CanonicalJson
{
    private sealed class Open(bool isObject)
    {
        public bool IsObject { get; } = isObject;

        public string Key { get; set; } = "";

        public List<(string Key, string Value)> Parts { get; } = [];
    }

    /// <param name="json">A valid JSON text.</param>
    public static string Of(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        var open = new Stack<Open>();
        while (reader.Read())
        {
            string value;
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    open.Push(new Open(reader.TokenType == JsonTokenType.StartObject));
                    continue;
                case JsonTokenType.PropertyName:
                    open.Peek().Key = reader.GetString()!;
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    value = Close(open.Pop());
                    break;
                case JsonTokenType.String:
                    value = Quote(reader.GetString()!);
                    break;
                case JsonTokenType.Number:
                    value = Number(Encoding.ASCII.GetString(reader.ValueSpan));
                    break;
                default:
                    value = Encoding.ASCII.GetString(reader.ValueSpan);
                    break;
            }
            if (open.Count == 0) return value;
            open.Peek().Parts.Add((open.Peek().Key, value));
        }
        throw new ArgumentException("Not a whole JSON text.", nameof(json));
    }

    private static string Close(Open level)
    {
        if (!level.IsObject) return $"[{string.Join(',', level.Parts.Select(static x => x.Value))}]";
        level.Parts.Sort(static (x, y) => string.CompareOrdinal(x.Key, y.Key));
        return $"{{{string.Join(',', level.Parts.Select(static x => $"{Quote(x.Key)}:{x.Value}"))}}}";
    }

    private static string Quote(string text) => Encoding.UTF8.GetString(JsonText.Encode(text));

    private static string Number(string text) => ExactDecimal.TryParse(text, out ExactDecimal value) ? value.ToText(40) : text;
}
