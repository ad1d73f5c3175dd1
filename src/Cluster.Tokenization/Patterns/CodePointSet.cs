using System.Globalization;

namespace Cluster.Tokenization.Patterns;

/// <summary>
/// A set of code points: what one character class of a pattern accepts. Immutable.
/// </summary>
/// <remarks>The first 256 code points are four words of bits, which is nearly all text; the rest ask the Unicode tables.</remarks>
internal sealed class CodePointSet
{
    private readonly ulong[] _latin = new ulong[4];
    private readonly Func<int, bool> _contains;

    private CodePointSet(Func<int, bool> contains)
    {
        _contains = contains;
        for (int codePoint = 0; codePoint < 256; codePoint++)
        {
            if (contains(codePoint)) _latin[codePoint >> 6] |= 1UL << (codePoint & 63);
        }
    }

    public static CodePointSet Any { get; } = new(_ => true);

    public static CodePointSet NotNewLine { get; } = new(c => c != '\n');

    public static CodePointSet WhiteSpace { get; } = new(CodePoints.IsWhiteSpace);

    public static CodePointSet Word { get; } = new(CodePoints.IsWord);

    public static CodePointSet Digit { get; } = OfCategories(1u << (int)UnicodeCategory.DecimalDigitNumber);

    public static CodePointSet HexDigit { get; } = new(c => c < 128 && char.IsAsciiHexDigit((char)c));

    public static CodePointSet Of(int codePoint) => new(c => c == codePoint);

    public static CodePointSet Range(int low, int high) => new(c => c >= low && c <= high);

    public static CodePointSet Ranges(params (int Low, int High)[] ranges) => new(c =>
    {
        foreach ((int low, int high) in ranges)
        {
            if (c >= low && c <= high) return true;
        }
        return false;
    });

    /// <param name="mask">Bit n stands for the general category with the number n.</param>
    public static CodePointSet OfCategories(uint mask) => new(c => ((mask >> (int)CodePoints.Category(c)) & 1) != 0);

    public static CodePointSet Union(IReadOnlyList<CodePointSet> parts)
    {
        if (parts.Count == 1) return parts[0];
        CodePointSet[] all = [.. parts];
        return new CodePointSet(c =>
        {
            foreach (CodePointSet part in all)
            {
                if (part.Contains(c)) return true;
            }
            return false;
        });
    }

    public CodePointSet Intersect(CodePointSet other) => new(c => Contains(c) && other.Contains(c));

    public CodePointSet Negate() => new(c => !Contains(c));

    /// <summary>The set together with the other cases of its members.</summary>
    public CodePointSet IgnoreCase() => new(c =>
        Contains(c) || Contains(CodePoints.ToLower(c)) || Contains(CodePoints.ToUpper(c)) || (AsciiFold(c) is var folded && folded != c && (Contains(folded) || Contains(folded - 0x20)))
        || (c is 'k' or 'K' && Contains(0x212A)) || (c is 's' or 'S' && Contains(0x17F)));

    /// <summary>The two letters outside ASCII whose case folding is an ASCII letter: the Kelvin sign and the long s.</summary>
    private static int AsciiFold(int codePoint) => codePoint switch
    {
        0x212A => 'k',
        0x17F => 's',
        _ => codePoint,
    };

    public bool Contains(int codePoint) =>
        codePoint < 256 ? ((_latin[codePoint >> 6] >> (codePoint & 63)) & 1) != 0 : _contains(codePoint);
}
