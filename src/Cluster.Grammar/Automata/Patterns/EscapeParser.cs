using Cluster.Grammar.Automata.Strings;

namespace Cluster.Grammar.Automata.Patterns;

/// <summary>
/// What follows a backslash: the union of ECMA-262 with the u flag and of its Annex B, u first. Schemas in the wild escape <c>-</c> and
/// <c>_</c>, which the u flag forbids, and use <c>\p{…}</c>, which only the u flag knows; refusing either would refuse working schemas.
/// </summary>
internal sealed class EscapeParser(PatternReader reader, int groups, bool hasNames)
{
    /// <summary>A class escape (<c>\d</c>, <c>\p{L}</c>) as a set, or a character escape as its code point.</summary>
    /// <returns>Null and a reason if it is neither.</returns>
    public (CodePointSet? Set, int CodePoint)? Parse(bool inClass, out LeafRefusal? refusal)
    {
        refusal = null;
        if (reader.AtEnd)
        {
            refusal = new LeafRefusal(LeafRefusalKind.Malformed, "The pattern ends after a backslash.");
            return null;
        }
        var letter = reader.Take();
        if (CharacterClasses.OfLetter(letter) is { } set)
        {
            return (set, 0);
        }
        switch (letter)
        {
            case 'p' or 'P' when reader.Peek() == '{':
                return ParseProperty(letter == 'P', out refusal);
            case >= '1' and <= '9' when !inClass:
                return ParseDecimal(out refusal);
            case 'k' when !inClass && hasNames:
                refusal = new LeafRefusal(LeafRefusalKind.Unsupported, "Back-references are not regular.");
                return null;
            default:
                return (null, ParseCharacter(letter, inClass));
        }
    }

    private (CodePointSet?, int)? ParseProperty(bool negate, out LeafRefusal? refusal)
    {
        var name = new System.Text.StringBuilder();
        for (reader.Take(); !reader.AtEnd && reader.Peek() != '}';)
        {
            name.Append(char.ConvertFromUtf32(reader.Take() is var c and not (>= 0xD800 and <= 0xDFFF) ? c : '?'));
        }
        if (!reader.TryTake('}'))
        {
            refusal = new LeafRefusal(LeafRefusalKind.Malformed, @"A \p{ without its brace.");
            return null;
        }
        var set = UnicodeProperties.Find(name.ToString());
        refusal = set is null ? new LeafRefusal(LeafRefusalKind.Unsupported, $@"The Unicode property \p{{{name}}} is not known.") : null;
        return set is null ? null : (negate ? set.Complement() : set, 0);
    }

    // \1…\9 refer to a group if there are that many; else Annex B reads them as octal or as themselves.
    private (CodePointSet?, int)? ParseDecimal(out LeafRefusal? refusal)
    {
        refusal = null;
        reader.Position--;
        var start = reader.Position;
        reader.TryTakeNumber(out var number);
        if (number <= groups)
        {
            refusal = new LeafRefusal(LeafRefusalKind.Unsupported, "Back-references are not regular.");
            return null;
        }
        reader.Position = start;
        var digit = reader.Take();
        return (null, digit >= '8' ? digit : ParseOctal(digit));
    }

    private int ParseCharacter(int letter, bool inClass)
    {
        switch (letter)
        {
            case 't': return '\t';
            case 'n': return '\n';
            case 'v': return '\v';
            case 'f': return '\f';
            case 'r': return '\r';
            case 'b' when inClass: return '\b';
            case 'c' when reader.Peek() is var control and (>= 'a' and <= 'z' or >= 'A' and <= 'Z'):
                reader.Take();
                return control & 31;
            case 'c':
                // Annex B: a backslash that stands for itself.
                reader.Position--;
                return '\\';
            case 'x' when reader.TryTakeHex(2, out var two): return two;
            case 'u': return ParseUnicode();
            case >= '0' and <= '7': return ParseOctal(letter);
            default: return letter;
        }
    }

    private int ParseUnicode()
    {
        var start = reader.Position;
        if (reader.TryTake('{'))
        {
            var value = 0;
            var digits = 0;
            while (reader.TryTakeHex(1, out var digit))
            {
                value = Math.Min((value << 4) | digit, 0x7FFFFF);
                digits++;
            }
            if (digits > 0 && value <= CodePointSet.Last && reader.TryTake('}'))
            {
                return value;
            }
            reader.Position = start;
            return 'u';
        }
        if (!reader.TryTakeHex(4, out var unit))
        {
            return 'u';
        }
        var afterUnit = reader.Position;
        if (unit is >= 0xD800 and <= 0xDBFF && reader.TryTake(@"\u") && reader.TryTakeHex(4, out var low) && low is >= 0xDC00 and <= 0xDFFF)
        {
            return char.ConvertToUtf32((char)unit, (char)low);
        }
        reader.Position = afterUnit;
        return unit;
    }

    private int ParseOctal(int digit)
    {
        var value = digit - '0';
        for (var more = value <= 3 ? 2 : 1; more > 0 && reader.Peek() is >= '0' and <= '7'; more--)
        {
            value = (value * 8) + (reader.Take() - '0');
        }
        return value;
    }
}
