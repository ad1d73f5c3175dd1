namespace Cluster.Grammar.Automata.Patterns;

/// <summary>A cursor over the code points of a pattern; lone surrogates stay as they are (they match nothing).</summary>
internal sealed class PatternReader
{
    private readonly int[] _codePoints;

    public PatternReader(string pattern)
    {
        var codePoints = new List<int>(pattern.Length);
        for (var i = 0; i < pattern.Length; i++)
        {
            var isPair = char.IsHighSurrogate(pattern[i]) && i + 1 < pattern.Length && char.IsLowSurrogate(pattern[i + 1]);
            codePoints.Add(isPair ? char.ConvertToUtf32(pattern[i], pattern[++i]) : pattern[i]);
        }
        _codePoints = [.. codePoints];
    }

    public int Position { get; set; }

    public bool AtEnd => Position >= _codePoints.Length;

    /// <summary>The code point <paramref name="ahead"/> places on, or -1 past the end.</summary>
    public int Peek(int ahead = 0) => Position + ahead < _codePoints.Length ? _codePoints[Position + ahead] : -1;

    public int Take() => _codePoints[Position++];

    public bool TryTake(int codePoint)
    {
        if (Peek() != codePoint)
        {
            return false;
        }
        Position++;
        return true;
    }

    public bool TryTake(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (Peek(i) != text[i])
            {
                return false;
            }
        }
        Position += text.Length;
        return true;
    }

    /// <summary>Exactly <paramref name="count"/> hex digits, or nothing is taken.</summary>
    public bool TryTakeHex(int count, out int value)
    {
        value = 0;
        for (var i = 0; i < count; i++)
        {
            var digit = Peek(i);
            if (digit is < 0 or > 127 || !char.IsAsciiHexDigit((char)digit))
            {
                return false;
            }
            value = (value << 4) | Convert.ToInt32(((char)digit).ToString(), 16);
        }
        Position += count;
        return true;
    }

    /// <summary>A run of decimal digits, saturated below <see cref="int.MaxValue"/>.</summary>
    public bool TryTakeNumber(out int value)
    {
        long number = 0;
        var start = Position;
        while (Peek() is >= '0' and <= '9')
        {
            number = Math.Min((number * 10) + (Take() - '0'), int.MaxValue - 1);
        }
        value = (int)number;
        return Position > start;
    }
}
