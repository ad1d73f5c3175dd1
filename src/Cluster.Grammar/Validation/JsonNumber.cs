using System.Numerics;

namespace Cluster.Grammar.Validation;

/// <summary>
/// An exact decimal: mantissa × 10^exponent, the mantissa without trailing zeros. 1, 1.0 and 10e-1 are one value; 1e400000 costs nothing.
/// </summary>
internal readonly struct JsonNumber : IEquatable<JsonNumber>, IComparable<JsonNumber>
{
    // Written exponents saturate here: such numbers still compare rightly with everything of an ordinary size.
    private const long ExponentMax = 1_000_000_000_000_000;

    private readonly BigInteger _mantissa;
    private readonly long _exponent;
    private readonly int _digits;

    private JsonNumber(BigInteger mantissa, long exponent, int digits)
    {
        _mantissa = mantissa;
        _exponent = exponent;
        _digits = digits;
    }

    public bool IsInteger => _exponent >= 0;

    public int Sign => _mantissa.Sign;

    /// <summary>Reads a number that is already known to follow the JSON grammar.</summary>
    public static JsonNumber Parse(ReadOnlySpan<byte> utf8)
    {
        bool isNegative = utf8[0] == '-';
        if (isNegative) utf8 = utf8[1..];
        int exponentAt = utf8.IndexOfAny((byte)'e', (byte)'E');
        long exponent = exponentAt < 0 ? 0 : ParseExponent(utf8[(exponentAt + 1)..]);
        if (exponentAt >= 0) utf8 = utf8[..exponentAt];

        int point = utf8.IndexOf((byte)'.');
        if (point >= 0) exponent -= utf8.Length - point - 1;
        var digits = new char[utf8.Length];
        int count = 0;
        foreach (byte value in utf8)
        {
            if (value == '.' || (value == '0' && count == 0)) continue;
            digits[count++] = (char)value;
        }
        int significant = count;
        while (significant > 0 && digits[significant - 1] == '0') significant--;
        if (significant == 0) return default;
        var mantissa = significant <= 18
            ? long.Parse(digits.AsSpan(0, significant))
            : BigInteger.Parse(digits.AsSpan(0, significant));
        return new JsonNumber(isNegative ? -mantissa : mantissa, exponent + (count - significant), significant);
    }

    /// <summary>This value divided by <paramref name="divisor"/> (positive) is an integer.</summary>
    public bool IsMultipleOf(JsonNumber divisor)
    {
        if (_mantissa.IsZero) return true;
        // With a smaller exponent the mantissa itself would need a factor of ten, and it has none.
        if (_exponent < divisor._exponent) return false;
        var modulus = BigInteger.Abs(divisor._mantissa);
        var scale = BigInteger.ModPow(10, _exponent - divisor._exponent, modulus);
        return (_mantissa * scale % modulus).IsZero;
    }

    /// <summary>The value as a count, saturating; null if it is negative or no integer.</summary>
    public long? ToCount()
    {
        if (!IsInteger || Sign < 0) return null;
        if (_digits + _exponent > 18) return long.MaxValue;
        return (long)(_mantissa * BigInteger.Pow(10, (int)_exponent));
    }

    public int CompareTo(JsonNumber other)
    {
        if (Sign != other.Sign || Sign == 0) return Sign.CompareTo(other.Sign);
        long magnitude = _digits + _exponent, otherMagnitude = other._digits + other._exponent;
        if (magnitude != otherMagnitude) return Sign * magnitude.CompareTo(otherMagnitude);
        // Equal magnitudes: the exponents differ by no more than the numbers of digits do.
        long shift = _exponent - other._exponent;
        return shift >= 0
            ? (_mantissa * BigInteger.Pow(10, (int)shift)).CompareTo(other._mantissa)
            : _mantissa.CompareTo(other._mantissa * BigInteger.Pow(10, (int)-shift));
    }

    public bool Equals(JsonNumber other) => _exponent == other._exponent && _mantissa == other._mantissa;

    public override bool Equals(object? obj) => obj is JsonNumber other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_mantissa, _exponent);

    private static long ParseExponent(ReadOnlySpan<byte> utf8)
    {
        bool isNegative = utf8[0] == '-';
        if (utf8[0] is (byte)'-' or (byte)'+') utf8 = utf8[1..];
        long exponent = 0;
        foreach (byte digit in utf8) exponent = Math.Min(ExponentMax, exponent * 10 + (digit - '0'));
        return isNegative ? -exponent : exponent;
    }
}
