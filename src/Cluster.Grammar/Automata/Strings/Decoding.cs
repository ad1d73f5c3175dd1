namespace Cluster.Grammar.Automata.Strings;

/// <summary>The shape of UTF-8 sequences (Unicode table 3-7).</summary>
internal static class Utf8
{
    /// <summary>Bits of a lead byte in their place, the code points it may begin (surrogates and overlong forms left out), and the bytes to come.</summary>
    public static (int Prefix, int Low, int High, int Left) Lead(int lead)
    {
        if (lead < 0xE0)
        {
            var two = (lead & 0x1F) << 6;
            return (two, two, two + 0x3F, 1);
        }
        if (lead < 0xF0)
        {
            var three = (lead & 0x0F) << 12;
            return (three, lead == 0xE0 ? 0x800 : three, lead == 0xED ? 0xD7FF : three + 0xFFF, 2);
        }
        var four = (lead & 0x07) << 18;
        return (four, lead == 0xF0 ? 0x10000 : four, Math.Min(four + 0x3FFFF, CodePointSet.Last), 3);
    }

    public static bool BoundsNext(int lead) => lead is 0xE0 or 0xED or 0xF0 or 0xF4;

    /// <summary>Which bytes may follow a lead byte (0: an unbounded one).</summary>
    public static (int Low, int High) SecondByte(int lead) => lead switch
    {
        0xE0 => (0xA0, 0xBF),
        0xED => (0x80, 0x9F),
        0xF0 => (0x90, 0xBF),
        0xF4 => (0x80, 0x8F),
        _ => (0x80, 0xBF),
    };
}

/// <summary>Code points that escaped surrogate pairs reach.</summary>
internal static class Surrogates
{
    /// <summary>The code points whose high surrogate lies in [low, high]; an empty range if none does.</summary>
    public static (int First, int Last) Reach(int low, int high)
    {
        var (first, last) = (Math.Max(low, 0xD800), Math.Min(high, 0xDBFF));
        return first > last ? (1, 0) : (0x10000 + ((first - 0xD800) << 10), 0x10000 + ((last - 0xD800) << 10) + 0x3FF);
    }

    /// <summary>The code points of a high surrogate whose low surrogate begins with <paramref name="digits"/>, <paramref name="left"/> more to come.</summary>
    public static (int First, int Last) Reach(int high, int digits, int left)
    {
        var shift = 4 * left;
        var low = (digits << shift) - 0xDC00;
        var start = 0x10000 + ((high - 0xD800) << 10);
        return (start + low, start + low + (1 << shift) - 1);
    }
}

/// <summary>JSON's escapes, and which of them the canonical spelling uses: those it needs, short where there is a short one.</summary>
internal static class CanonicalEscapes
{
    public static readonly (char Letter, int CodePoint)[] Short =
        [('"', '"'), ('\\', '\\'), ('/', '/'), ('b', 8), ('f', 12), ('n', 10), ('r', 13), ('t', 9)];

    public static bool Needed(int low, int high) => low < 0x20 || (low <= '"' && high >= '"') || (low <= '\\' && high >= '\\');

    /// <summary>The range holds a control character without a short escape.</summary>
    public static bool NeedsHex(int low, int high)
    {
        for (var codePoint = low; codePoint <= Math.Min(high, 0x1F); codePoint++)
        {
            if (codePoint is not (8 or 9 or 10 or 12 or 13))
            {
                return true;
            }
        }
        return false;
    }
}
