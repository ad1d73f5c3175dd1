namespace Cluster.Grammar.Masks;

/// <summary>Between which bytes of some JSON text one may stand, whatever the schema; a set of such places.</summary>
[Flags]
internal enum Places : ushort
{
    None = 0,

    /// <summary>Before a value.</summary>
    Value = 1,

    /// <summary>Before a key, after a comma.</summary>
    Key = 1 << 1,

    /// <summary>After <c>{</c>.</summary>
    Object = 1 << 2,

    /// <summary>After <c>[</c>.</summary>
    Array = 1 << 3,

    /// <summary>After a value; what it stands in is not known.</summary>
    After = 1 << 4,

    /// <summary>After a key.</summary>
    Colon = 1 << 5,

    /// <summary>Inside a string value, a key; after a backslash in one.</summary>
    Text = 1 << 6,
    TextEscape = 1 << 7,
    Name = 1 << 8,
    NameEscape = 1 << 9,

    /// <summary>Inside a number, or a word.</summary>
    Number = 1 << 10,
    Word = 1 << 11,
}

/// <summary>
/// JSON's syntax without its nesting: a coarse filter that throws away, once per vocabulary, the tokens that no schema could allow at a
/// structural place. What it lets through is decided exactly by the walk.
/// </summary>
internal static class JsonShape
{
    private const int Count = 12;

    private static readonly Places[] _next = MakeTable();

    /// <summary>The places after one more byte.</summary>
    public static Places Next(Places places, byte value)
    {
        Places next = Places.None;
        for (int left = (int)places; left != 0; left &= left - 1)
        {
            next |= _next[System.Numerics.BitOperations.TrailingZeroCount(left) << 8 | value];
        }
        return next;
    }

    private static Places[] MakeTable()
    {
        var table = new Places[Count << 8];
        for (int place = 0; place < Count; place++)
        {
            for (int value = 0; value < 256; value++) table[place << 8 | value] = After((Places)(1 << place), (byte)value);
        }
        return table;
    }

    private static Places After(Places place, byte value)
    {
        bool isGap = value is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';
        switch (place)
        {
            case Places.Text or Places.Name:
                return value < ' ' ? Places.None
                    : value == '\\' ? place == Places.Text ? Places.TextEscape : Places.NameEscape
                    : value != '"' ? place
                    : place == Places.Text ? Places.After : Places.Colon;
            case Places.TextEscape:
                return value < ' ' ? Places.None : Places.Text;
            case Places.NameEscape:
                return value < ' ' ? Places.None : Places.Name;
            case Places.Number when IsNumeric(value):
            case Places.Word when value is >= (byte)'a' and <= (byte)'z':
                return place;
            case Places.Number or Places.Word:
                return After(Places.After, value);
        }
        if (isGap) return place;
        return (place, (char)value) switch
        {
            (Places.Array or Places.Object, ']' or '}') => Places.After,
            (Places.After, ']' or '}') => Places.After,
            (Places.After, ',') => Places.Value | Places.Key,
            (Places.Colon, ':') => Places.Value,
            (Places.Key or Places.Object, '"') => Places.Name,
            (Places.Value or Places.Array, '"') => Places.Text,
            (Places.Value or Places.Array, '{') => Places.Object,
            (Places.Value or Places.Array, '[') => Places.Array,
            (Places.Value or Places.Array, 't' or 'f' or 'n') => Places.Word,
            (Places.Value or Places.Array, '-' or (>= '0' and <= '9')) => Places.Number,
            _ => Places.None,
        };
    }

    private static bool IsNumeric(byte value) => value is (>= (byte)'0' and <= (byte)'9') or (byte)'.' or (byte)'-' or (byte)'+' or (byte)'e' or (byte)'E';
}
