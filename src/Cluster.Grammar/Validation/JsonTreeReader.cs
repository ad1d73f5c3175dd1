using System.Text.Json;

namespace Cluster.Grammar.Validation;

/// <summary>Reads a JSON text into a tree, without recursion.</summary>
internal static class JsonTreeReader
{
    /// <summary>A container that is still open.</summary>
    private sealed class Frame(bool isObject)
    {
        private readonly List<JsonMember> _members = [];
        private readonly List<JsonValue> _items = [];
        private Dictionary<string, int>? _places;

        public string Name { get; set; } = "";

        public bool HasDuplicate { get; private set; }

        public void Add(JsonValue value)
        {
            if (!isObject)
            {
                _items.Add(value);
                return;
            }
            int place = PlaceOf(Name);
            if (place < 0)
            {
                _places?.Add(Name, _members.Count);
                _members.Add(new JsonMember(Name, value));
                return;
            }
            HasDuplicate = true;
            _members[place] = new JsonMember(Name, value);
        }

        public JsonValue Close() => isObject ? JsonValue.Of(_members.ToArray()) : JsonValue.Of(_items.ToArray());

        private int PlaceOf(string name)
        {
            if (_members.Count < 16) return _members.FindIndex(member => member.Name == name);
            _places ??= _members.Select((member, place) => (member.Name, place)).ToDictionary(StringComparer.Ordinal);
            return _places.GetValueOrDefault(name, -1);
        }

    }

    /// <summary>The value of <paramref name="utf8"/>; false and a reason if it is not one JSON text. Of duplicate keys the last counts.</summary>
    public static bool TryRead(ReadOnlySpan<byte> utf8, int depthMax, bool rejectsDuplicates, out JsonValue value, out string reason)
    {
        value = JsonValue.Null();
        reason = "";
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = depthMax });
            var open = new Stack<Frame>();
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    open.Peek().Name = reader.GetString()!;
                    continue;
                }
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    open.Push(new Frame(reader.TokenType == JsonTokenType.StartObject));
                    continue;
                }
                value = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray ? open.Pop().Close() : ReadScalar(ref reader);
                if (open.TryPeek(out var parent))
                {
                    parent.Add(value);
                    if (rejectsDuplicates && parent.HasDuplicate)
                    {
                        reason = $"The key '{parent.Name}' occurs twice in one object.";
                        return false;
                    }
                }
            }
            return true;
        }
        catch (JsonException error)
        {
            reason = error.Message;
        }
        catch (InvalidOperationException)
        {
            // The reader finds broken UTF-8 and unpaired surrogates only when a string is taken out.
            reason = "A string is not valid Unicode.";
        }
        return false;
    }

    private static JsonValue ReadScalar(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => JsonValue.Of(reader.GetString()!),
        JsonTokenType.Number => JsonValue.Of(JsonNumber.Parse(reader.ValueSpan)),
        JsonTokenType.True => JsonValue.Of(true),
        JsonTokenType.False => JsonValue.Of(false),
        _ => JsonValue.Null(),
    };
}
