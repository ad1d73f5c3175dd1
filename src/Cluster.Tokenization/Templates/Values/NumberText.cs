using System.Globalization;
using System.Numerics;

namespace Cluster.Tokenization.Templates.Values;

/// <summary>Numbers as ECMAScript writes and reads them, which is what the reference implementation's templates show.</summary>
internal static class NumberText
{
    public static string OfFloat(double value)
    {
        if (value == 0 && double.IsNegative(value)) return "-0.0";
        if (value % 1 != 0 || Math.Abs(value) >= 1e21) return Of(value);
        return new BigInteger(value).ToString(CultureInfo.InvariantCulture) + ".0";
    }

    public static string Of(double value)
    {
        if (double.IsNaN(value)) return "NaN";
        if (double.IsInfinity(value)) return value > 0 ? "Infinity" : "-Infinity";
        if (value == 0) return "0";
        if (value % 1 == 0 && Math.Abs(value) < 1L << 53) return ((long)value).ToString(CultureInfo.InvariantCulture);

        // The shortest digits that read back as the same number, and the place of the decimal point among them.
        string shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        int mark = shortest.IndexOf('E');
        string mantissa = mark < 0 ? shortest : shortest[..mark];
        int point = mantissa.IndexOf('.') < 0 ? mantissa.Length : mantissa.IndexOf('.');
        if (mark >= 0) point += int.Parse(shortest[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        point -= digits.Length - digits.TrimStart('0').Length;
        digits = digits.Trim('0');
        int exponent = point - 1;
        string sign = value < 0 ? "-" : "";
        if (point is > 0 and <= 21)
        {
            return sign + (digits.Length <= point ? digits.PadRight(point, '0') : digits[..point] + "." + digits[point..]);
        }
        if (point is > -6 and <= 0) return sign + "0." + new string('0', -point) + digits;
        string tail = (exponent < 0 ? "e-" : "e+") + Math.Abs(exponent).ToString(CultureInfo.InvariantCulture);
        return sign + digits[..1] + (digits.Length > 1 ? "." + digits[1..] : "") + tail;
    }

    /// <summary>The integer that a text begins with, or null.</summary>
    public static double? ReadInteger(string text)
    {
        ReadOnlySpan<char> trimmed = Syntax.WhiteSpaceControl.TrimStart(text);
        int length = trimmed is ['-' or '+', ..] ? 1 : 0;
        int first = length;
        while (length < trimmed.Length && char.IsAsciiDigit(trimmed[length])) length++;
        return length > first ? double.Parse(trimmed[..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>The decimal number that a text begins with, or null.</summary>
    public static double? ReadFloat(string text)
    {
        ReadOnlySpan<char> trimmed = Syntax.WhiteSpaceControl.TrimStart(text);
        for (int length = Math.Min(trimmed.Length, 400); length > 0; length--)
        {
            if (!char.IsAsciiDigit(trimmed[length - 1]) && trimmed[length - 1] != '.') continue;
            const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
            if (double.TryParse(trimmed[..length], Style, CultureInfo.InvariantCulture, out double value)) return value;
        }
        return null;
    }
}
