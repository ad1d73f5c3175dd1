namespace Cluster.Grammar.Automata.Formats;

/// <summary>Dates, times and durations of RFC 3339.</summary>
internal static class DateTimes
{
    private const string Hour = "(?:[01][0-9]|2[0-3])";
    private const string Offset = "(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])";
    private const string Fraction = @"(?:\.[0-9]+)?";

    private const string Days31 = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])";
    private const string Days30 = "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)";
    private const string Days28 = "02-(?:0[1-9]|1[0-9]|2[0-8])";
    private const string LeapYear = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
    private const string DateText = $"(?:[0-9]{{4}}-(?:{Days31}|{Days30}|{Days28})|{LeapYear}-02-29)";

    public const string Date = DateText;

    public const string Duration = "P(?:[0-9]+W|(?:[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)(?:" + DurationTime + ")?|" + DurationTime + ")";

    private const string DurationTime = "T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S)";

    public static StringLanguage Time() => After("");

    public static StringLanguage DateTime() => After($"{DateText}[Tt]");

    private static StringLanguage After(string prefix)
    {
        var plain = FormatCatalogue.Whole($"{prefix}{Hour}:[0-5][0-9]:[0-5][0-9]{Fraction}{Offset}");
        // A second numbered 60 exists only at the end of a day in UTC: 23:59:60Z, or what that is under an offset. Hours and minutes
        // are tied separately (84 alternatives instead of 1440) and intersected.
        var zulu = FormatCatalogue.Whole($"{prefix}23:59:60{Fraction}[Zz]");
        var behind = Ties(prefix, 24, hour => $"{hour:00}:[0-5][0-9]:60{Fraction}-{23 - hour:00}:[0-5][0-9]")
            .And(Ties(prefix, 60, minute => $"{Hour}:{minute:00}:60{Fraction}-{Hour}:{59 - minute:00}"));
        var ahead = Ties(prefix, 24, hour => $"{hour:00}:[0-5][0-9]:60{Fraction}[+]{hour:00}:[0-5][0-9]")
            .And(Ties(prefix, 59, minute => $"{Hour}:{minute:00}:60{Fraction}[+]{Hour}:{minute + 1:00}"));
        var wholeHours = Ties(prefix, 24, hour => $"{hour:00}:59:60{Fraction}[+]{(hour + 1) % 24:00}:00");
        return plain.Or(zulu).Or(behind).Or(ahead).Or(wholeHours);
    }

    private static StringLanguage Ties(string prefix, int count, Func<int, string> tie) =>
        FormatCatalogue.Whole($"{prefix}(?:{string.Join('|', Enumerable.Range(0, count).Select(tie))})");
}
