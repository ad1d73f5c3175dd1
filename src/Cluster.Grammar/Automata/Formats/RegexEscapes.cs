namespace Cluster.Grammar.Automata.Formats;

/// <summary>The steps of <see cref="RegexState"/> inside escapes, by the grammar of the u flag.</summary>
internal static class RegexEscapes
{
    public static RegexState? After(RegexState state, int codePoint)
    {
        switch (state.Place)
        {
            case RegexPlace.Escape:
                return AfterBackslash(state, codePoint);
            case RegexPlace.Control:
                return codePoint is >= 'a' and <= 'z' or >= 'A' and <= 'Z' ? state.Finish(codePoint & 31) : null;
            case RegexPlace.Hex:
                return AfterDigit(state, codePoint, 2);
            case RegexPlace.Unicode:
                return codePoint == '{' && state.Digits == 0 ? state with { Place = RegexPlace.UnicodeBrace } : AfterDigit(state, codePoint, 4);
            case RegexPlace.UnicodeBrace:
                return AfterBraceDigit(state, codePoint);
            case RegexPlace.ClassLead:
                return codePoint == '\\' ? state with { Place = RegexPlace.ClassTrail, Text = "" } : null;
            case RegexPlace.ClassTrail:
                return AfterTrail(state, codePoint);
            case RegexPlace.Property:
                return codePoint == '{' ? state with { Place = RegexPlace.PropertyName, Text = "" } : null;
            case RegexPlace.PropertyName when codePoint == '}':
                return RegexProperties.IsName(state.Text) ? state.Finish(-1) : null;
            case RegexPlace.PropertyName:
                var name = codePoint < 0x80 ? state.Text + (char)codePoint : "?";
                return RegexProperties.IsPrefix(name) ? state with { Text = name } : null;
            case RegexPlace.Reference:
                return AfterReference(state, codePoint);
            case RegexPlace.NameReference:
                return codePoint == '<' ? state with { Place = RegexPlace.NameReferenceName, Text = "" } : null;
            default:
                return AfterReferenceName(state, codePoint);
        }
    }

    private static RegexState? AfterBackslash(RegexState state, int codePoint)
    {
        var isEnd = state.Low >= 0;
        switch (codePoint)
        {
            case 'd' or 'D' or 'w' or 'W' or 's' or 'S':
                return isEnd ? null : state.Finish(-1);
            case 'p' or 'P':
                return isEnd ? null : state with { Place = RegexPlace.Property };
            case 'b' or 'B' when !state.InClass:
                return state with { Place = RegexPlace.Term };
            case 'b':
                return state.Finish('\b');
            case 't' or 'n' or 'v' or 'f' or 'r':
                return state.Finish("\t\n\v\f\r"["tnvfr".IndexOf((char)codePoint)]);
            case 'c':
                return state.Low <= 26 ? state with { Place = RegexPlace.Control } : null;
            case '0':
                return state.Finish(0) is { } zero ? zero with { NoDigit = true } : null;
            case >= '1' and <= '9' when !state.InClass:
                return state with { Place = RegexPlace.Reference, Number = codePoint - '0' };
            case 'x':
                return state.Low <= 0xFF ? state with { Place = RegexPlace.Hex } : null;
            case 'u':
                return state with { Place = RegexPlace.Unicode };
            case 'k' when !state.InClass:
                return state with { Place = RegexPlace.NameReference };
            case '-' when state.InClass:
            case '^' or '$' or '\\' or '.' or '*' or '+' or '?' or '(' or ')' or '[' or ']' or '{' or '}' or '|' or '/':
                return state.Finish(codePoint);
            default:
                return null;
        }
    }

    private static int Digit(int codePoint) => codePoint < 0x80 && char.IsAsciiHexDigit((char)codePoint)
        ? codePoint <= '9' ? codePoint - '0' : (codePoint & 7) + 9
        : -1;

    private static RegexState? AfterDigit(RegexState state, int codePoint, int digits)
    {
        if (Digit(codePoint) is var digit && digit < 0)
        {
            return null;
        }
        var (value, read) = ((state.Number << 4) | digit, state.Digits + 1);
        if (read < digits)
        {
            return Reach(value, 4 * (digits - read), state.InClass) >= state.Low ? state with { Number = value, Digits = read } : null;
        }
        if (digits == 4 && state.InClass && value is >= 0xD800 and <= 0xDBFF)
        {
            return Pair(value, 0xDFFF) >= state.Low ? state with { Place = RegexPlace.ClassLead, Number = value, Digits = 0 } : null;
        }
        return state.Finish(value);
    }

    // The highest code point that the digits can still become, a pair of surrogates included.
    private static int Reach(int value, int shift, bool pairs)
    {
        var (low, high) = (value << shift, (value << shift) | ((1 << shift) - 1));
        return pairs && low <= 0xDBFF && high >= 0xD800 ? Pair(Math.Min(high, 0xDBFF), 0xDFFF) : high;
    }

    private static int Pair(int lead, int trail) => 0x10000 + ((lead - 0xD800) << 10) + (trail - 0xDC00);

    private static RegexState? AfterBraceDigit(RegexState state, int codePoint)
    {
        if (codePoint == '}')
        {
            return state.Digits > 0 ? state.Finish(state.Number) : null;
        }
        var value = (state.Number << 4) | Digit(codePoint);
        if (value is < 0 or > 0x10FFFF)
        {
            return null;
        }
        // The highest that further digits reach: fill with f while it stays a code point.
        var reach = value;
        while (reach > 0 && reach << 4 <= 0x10FFFF)
        {
            reach = Math.Min((reach << 4) | 15, 0x10FFFF);
        }
        return value == 0 || reach >= state.Low ? state with { Number = value, Digits = 1 } : null;
    }

    private static RegexState? AfterTrail(RegexState state, int codePoint)
    {
        if (state.Text.Length == 0)
        {
            return codePoint == 'u' ? state with { Text = "u", Least = "" } : null;
        }
        var digit = Digit(codePoint);
        var ok = state.Digits switch { 0 => digit == 13, 1 => digit >= 12, _ => digit >= 0 };
        if (!ok)
        {
            return null;
        }
        var text = state.Least + ((char)codePoint).ToString();
        var trail = Convert.ToInt32(text, 16);
        var left = 4 * (3 - state.Digits);
        if (Pair(state.Number, (trail << left) | ((1 << left) - 1)) < state.Low)
        {
            return null;
        }
        return left == 0 ? state.Finish(Pair(state.Number, trail)) : state with { Digits = state.Digits + 1, Least = text };
    }

    private static RegexState? AfterReference(RegexState state, int codePoint)
    {
        if (codePoint is >= '0' and <= '9')
        {
            var number = (state.Number * 10) + codePoint - '0';
            return number <= RegexState.ReferenceMax ? state with { Number = number } : null;
        }
        return RegexSteps.After(
            state with { Place = RegexPlace.Atom, Referred = Math.Max(state.Referred, state.Number), Number = 0 }, codePoint);
    }

    private static RegexState? AfterReferenceName(RegexState state, int codePoint)
    {
        if (codePoint == '>' && state.Text.Length > 0)
        {
            var wanted = state.Names.Contains(state.Text) ? state.Wanted : state.Wanted.Add(state.Text);
            return (state with { Wanted = wanted }).Finish(-1);
        }
        return (state.Text.Length == 0 ? RegexNames.IsStart(codePoint) : RegexNames.IsPart(codePoint))
            ? state with { Text = state.Text + char.ConvertFromUtf32(codePoint) }
            : null;
    }
}
