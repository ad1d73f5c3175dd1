namespace Cluster.Grammar.Automata.Formats;

/// <summary>A short way from any place in a pattern to its end.</summary>
internal static class RegexCompletion
{
    public static string Of(RegexState state)
    {
        var text = "";
        for (var piece = Next(state); piece.Length > 0; piece = Next(state))
        {
            foreach (var letter in piece)
            {
                state = (RegexState?)state.After(letter) ?? throw new InvalidOperationException($"No way on from {state} by {piece}.");
            }
            text += piece;
        }
        return text + new string(')', state.Groups.Length) + state.Rest;
    }

    // What ends the piece being read; empty between terms.
    private static string Next(RegexState state)
    {
        var (low, left) = (state.Low, (state.Place == RegexPlace.Hex ? 2 : 4) - state.Digits);
        return state.Place switch
        {
            RegexPlace.OpenKind => ":",
            RegexPlace.OpenLess => "=",
            RegexPlace.Name => Fresh(state) + ">",
            RegexPlace.CounterMin => state.Text.Length == 0 ? "0}" : "}",
            RegexPlace.CounterComma => "}",
            RegexPlace.CounterMax => Longer(state) + "}",
            RegexPlace.ClassStart or RegexPlace.Class or RegexPlace.ClassLow or RegexPlace.ClassSet or RegexPlace.ClassDash
                or RegexPlace.ClassSetDash => "]",
            RegexPlace.ClassLead => "\\udfff",
            RegexPlace.ClassTrail => state.Text.Length == 0 ? "udfff" : "dfff"[state.Digits..],
            RegexPlace.Escape when !state.InClass || low < 0 => "d",
            RegexPlace.Escape => low <= '}' ? "}" : "u{10ffff}",
            RegexPlace.Control => "z",
            RegexPlace.Hex => new string(low >= 0 ? 'f' : '0', left),
            RegexPlace.Unicode when low < 0 => new string('0', left),
            RegexPlace.Unicode when low > 0xFFFF => state.Digits == 0 ? "{10ffff}" : state.Digits == 1 ? "bff" : new string('f', left),
            RegexPlace.Unicode => new string('f', left),
            RegexPlace.UnicodeBrace => Brace(state),
            RegexPlace.Property => "{L}",
            RegexPlace.PropertyName => RegexProperties.Shortest(state.Text)[state.Text.Length..] + "}",
            RegexPlace.NameReference => "<a>",
            RegexPlace.NameReferenceName => state.Text.Length == 0 ? "a>" : ">",
            _ => "",
        };
    }

    private static string Fresh(RegexState state)
    {
        var more = state.Text.Length == 0 ? "a" : "";
        while (state.Names.Contains(state.Text + more))
        {
            more += "a";
        }
        return more;
    }

    // Digits that make the upper bound of a counter at least the lower one.
    private static string Longer(RegexState state)
    {
        var more = "";
        while (state.Text.Length + more.Length == 0 || !RegexSteps.IsInOrder(state.Least, state.Text + more))
        {
            more += "9";
        }
        return more;
    }

    private static string Brace(RegexState state)
    {
        if (state.Digits == 0)
        {
            return state.Low >= 0 ? "10ffff}" : "0}";
        }
        var (text, value) = ("", state.Number);
        while (value < state.Low)
        {
            var digit = Math.Min(15, 0x10FFFF - (value << 4));
            value = (value << 4) | digit;
            text += digit.ToString("x");
        }
        return text + "}";
    }
}
