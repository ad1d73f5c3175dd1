namespace Cluster.Grammar.Automata.Formats;

/// <summary>The steps of <see cref="RegexState"/> outside of escapes.</summary>
internal static class RegexSteps
{
    public static RegexState? After(RegexState state, int codePoint)
    {
        if (state.NoDigit)
        {
            return codePoint is >= '0' and <= '9' ? null : After(state with { NoDigit = false }, codePoint);
        }
        switch (state.Place)
        {
            case RegexPlace.Term:
                return AfterTerm(state, codePoint);
            case RegexPlace.Atom:
                return codePoint switch
                {
                    '*' or '+' or '?' => state with { Place = RegexPlace.Quantified },
                    '{' => state with { Place = RegexPlace.CounterMin },
                    _ => AfterTerm(state, codePoint),
                };
            case RegexPlace.Quantified:
                return codePoint == '?' ? state with { Place = RegexPlace.Term } : AfterTerm(state, codePoint);
            case RegexPlace.Open:
                return codePoint == '?'
                    ? state with { Place = RegexPlace.OpenKind, Captures = state.Captures - 1 }
                    : AfterTerm(state, codePoint);
            case RegexPlace.OpenKind:
                return codePoint switch
                {
                    ':' => state with { Place = RegexPlace.Term },
                    '=' or '!' => Assertion(state),
                    '<' => state with { Place = RegexPlace.OpenLess },
                    _ => null,
                };
            case RegexPlace.OpenLess:
                return codePoint is '=' or '!' ? Assertion(state)
                    : RegexNames.IsStart(codePoint) ? state with { Place = RegexPlace.Name, Text = char.ConvertFromUtf32(codePoint) }
                    : null;
            case RegexPlace.Name:
                return AfterName(state, codePoint);
            case RegexPlace.CounterMin:
            case RegexPlace.CounterComma:
            case RegexPlace.CounterMax:
                return AfterCounter(state, codePoint);
            case RegexPlace.ClassStart when codePoint == '^':
                return state with { Place = RegexPlace.Class };
            case RegexPlace.ClassStart:
            case RegexPlace.Class:
            case RegexPlace.ClassLow:
            case RegexPlace.ClassSet:
            case RegexPlace.ClassDash:
            case RegexPlace.ClassSetDash:
                return AfterClass(state, codePoint);
            default:
                return RegexEscapes.After(state, codePoint);
        }
    }

    /// <summary>Whether the decimal number <paramref name="least"/> is at most <paramref name="most"/>.</summary>
    public static bool IsInOrder(string least, string most)
    {
        var (a, b) = (least.TrimStart('0'), most.TrimStart('0'));
        return a.Length != b.Length ? a.Length < b.Length : string.CompareOrdinal(a, b) <= 0;
    }

    public static RegexState? AfterTerm(RegexState state, int codePoint)
    {
        switch (codePoint)
        {
            case '|' or '^' or '$':
                return state with { Place = RegexPlace.Term };
            case '(':
                return state with { Place = RegexPlace.Open, Groups = state.Groups + "a", Captures = state.Captures + 1 };
            case ')' when state.Groups.Length > 0:
                return state with { Place = state.Groups[^1] == 'a' ? RegexPlace.Atom : RegexPlace.Term, Groups = state.Groups[..^1] };
            case '[':
                return state with { Place = RegexPlace.ClassStart, InClass = true, Low = -1 };
            case '\\':
                return state with { Place = RegexPlace.Escape };
            case ')' or '*' or '+' or '?' or '{' or '}' or ']':
                return null;
            default:
                return state with { Place = RegexPlace.Atom };
        }
    }

    private static RegexState Assertion(RegexState state) =>
        state with { Place = RegexPlace.Term, Groups = state.Groups[..^1] + "n" };

    private static RegexState? AfterName(RegexState state, int codePoint)
    {
        if (RegexNames.IsPart(codePoint))
        {
            return state with { Text = state.Text + char.ConvertFromUtf32(codePoint) };
        }
        return codePoint != '>' || state.Names.Contains(state.Text) ? null : state with
        {
            Place = RegexPlace.Term,
            Text = "",
            Captures = state.Captures + 1,
            Names = state.Names.Add(state.Text),
            Wanted = state.Wanted.Remove(state.Text),
        };
    }

    private static RegexState? AfterCounter(RegexState state, int codePoint)
    {
        switch (codePoint)
        {
            case >= '0' and <= '9':
                var place = state.Place == RegexPlace.CounterComma ? RegexPlace.CounterMax : state.Place;
                return state with { Place = place, Text = state.Text + (char)codePoint };
            case ',' when state.Place == RegexPlace.CounterMin && state.Text.Length > 0:
                return state with { Place = RegexPlace.CounterComma, Least = state.Text, Text = "" };
            case '}' when state.Place == RegexPlace.CounterMax ? IsInOrder(state.Least, state.Text) : state.Place == RegexPlace.CounterComma || state.Text.Length > 0:
                return state with { Place = RegexPlace.Quantified, Text = "", Least = "" };
            default:
                return null;
        }
    }

    private static RegexState? AfterClass(RegexState state, int codePoint)
    {
        if (codePoint == ']')
        {
            return state with { Place = RegexPlace.Atom, InClass = false, Low = -1 };
        }
        var isEnd = state.Place == RegexPlace.ClassDash;
        if (state.Place == RegexPlace.ClassSetDash)
        {
            return null;
        }
        if (codePoint == '-' && (state.Place is RegexPlace.ClassLow or RegexPlace.ClassSet))
        {
            return state with { Place = state.Place == RegexPlace.ClassLow ? RegexPlace.ClassDash : RegexPlace.ClassSetDash };
        }
        var atom = isEnd ? state : state with { Low = -1 };
        return codePoint == '\\' ? atom with { Place = RegexPlace.Escape } : atom.Finish(codePoint);
    }
}
