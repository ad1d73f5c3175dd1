using System.Globalization;

namespace Cluster.Tokenization.Patterns;

/// <summary>Reads what follows a backslash, inside a class or outside.</summary>
internal static class PatternEscape
{
    /// <param name="single">The one code point that the escape stands for, or -1 where it stands for a set.</param>
    public static CodePointSet Read(string pattern, ref int position, out int single)
    {
        single = -1;
        position++;
        if (position >= pattern.Length) throw Fail(pattern, position, "ends in a backslash");
        int escaped = CodePoints.At(pattern, position, out int length);
        position += length;
        switch (escaped)
        {
            case 's': return CodePointSet.WhiteSpace;
            case 'S': return CodePointSet.WhiteSpace.Negate();
            case 'd': return CodePointSet.Digit;
            case 'D': return CodePointSet.Digit.Negate();
            case 'w': return CodePointSet.Word;
            case 'W': return CodePointSet.Word.Negate();
            case 'h': return CodePointSet.HexDigit;
            case 'H': return CodePointSet.HexDigit.Negate();
            case 'p': return ReadProperty(pattern, ref position);
            case 'P': return ReadProperty(pattern, ref position).Negate();
        }
        single = escaped switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\f',
            'v' => '\v',
            'a' => 0x07,
            'e' => 0x1B,
            'x' => ReadHex(pattern, ref position, 2),
            'u' => ReadHex(pattern, ref position, 4),
            >= '1' and <= '9' => throw Fail(pattern, position, "back reference"),
            '0' => 0,
            _ when escaped < 128 && char.IsAsciiLetter((char)escaped) => throw Fail(pattern, position, $"escape \\{(char)escaped}"),
            _ => escaped,
        };
        return CodePointSet.Of(single);
    }

    public static TokenizerException Fail(string pattern, int position, string why) =>
        TokenizerException.Unsupported($"regular expression, at {position} of \"{pattern}\": {why}");

    private static CodePointSet ReadProperty(string pattern, ref int position)
    {
        string name;
        if (position < pattern.Length && pattern[position] == '{')
        {
            int end = pattern.IndexOf('}', position);
            if (end < 0) throw Fail(pattern, position, "property without }");
            name = pattern[(position + 1)..end];
            position = end + 1;
        }
        else
        {
            name = position < pattern.Length ? pattern[position].ToString() : "";
            position++;
        }
        return UnicodeProperties.Find(name) ?? throw Fail(pattern, position, "property " + name);
    }

    private static int ReadHex(string pattern, ref int position, int digits)
    {
        ReadOnlySpan<char> hex;
        if (position < pattern.Length && pattern[position] == '{')
        {
            int end = pattern.IndexOf('}', position);
            if (end < 0) throw Fail(pattern, position, "\\x{ without }");
            hex = pattern.AsSpan(position + 1, end - position - 1);
            position = end + 1;
        }
        else
        {
            hex = pattern.AsSpan(position, Math.Min(digits, pattern.Length - position));
            position += hex.Length;
        }
        return int.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value) && value is >= 0 and <= CodePoints.Max
            ? value
            : throw Fail(pattern, position, "hexadecimal escape");
    }
}
