namespace Cluster.Grammar.Validation.Formats;

/// <summary>Dates and times of RFC 3339 and the durations of its appendix A.</summary>
internal static class DateFormats
{
    public static bool IsDateTime(string text)
    {
        var scanner = new TextScanner(text);
        return TakeDate(ref scanner) && scanner.TryTakeEither('t', 'T') && TakeTime(ref scanner) && scanner.IsAtEnd;
    }

    public static bool IsDate(string text)
    {
        var scanner = new TextScanner(text);
        return TakeDate(ref scanner) && scanner.IsAtEnd;
    }

    public static bool IsTime(string text)
    {
        var scanner = new TextScanner(text);
        return TakeTime(ref scanner) && scanner.IsAtEnd;
    }

    public static bool IsDuration(string text)
    {
        var scanner = new TextScanner(text);
        if (!scanner.TryTake('P')) return false;
        if (scanner.TryTake('T')) return TakeChain(ref scanner, "HMS") > 0 && scanner.IsAtEnd;
        int units = TakeChain(ref scanner, "YMD", alternative: 'W');
        if (units == 0) return false;
        bool isWeek = units == int.MaxValue;
        if (!isWeek && scanner.TryTake('T') && TakeChain(ref scanner, "HMS") == 0) return false;
        return scanner.IsAtEnd;
    }

    /// <summary>
    /// Numbers with units in their order: after the first, each unit must be the one that follows (years and days need months between).
    /// The count of units; int.MaxValue for the alternative unit, alone; 0 if it is not well-formed.
    /// </summary>
    private static int TakeChain(ref TextScanner scanner, string units, char alternative = '\0')
    {
        int count = 0, expected = -1;
        while (char.IsAsciiDigit(scanner.Next))
        {
            scanner.TryTakeDigits();
            char unit = scanner.Next;
            if (unit == alternative && unit != '\0') return count == 0 && scanner.TryTake(unit) ? int.MaxValue : 0;
            int index = units.IndexOf(unit);
            if (index < 0 || (expected >= 0 && index != expected) || !scanner.TryTake(unit)) return 0;
            expected = index + 1;
            count++;
        }
        return count;
    }

    private static bool TakeDate(ref TextScanner scanner)
        => scanner.TryTakeNumber(4, out int year) && scanner.TryTake('-')
            && scanner.TryTakeNumber(2, out int month) && scanner.TryTake('-')
            && scanner.TryTakeNumber(2, out int day)
            && month is >= 1 and <= 12 && day >= 1 && day <= DaysIn(year, month);

    private static int DaysIn(int year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    private static bool TakeTime(ref TextScanner scanner)
    {
        if (!(scanner.TryTakeNumber(2, out int hour) && scanner.TryTake(':')
            && scanner.TryTakeNumber(2, out int minute) && scanner.TryTake(':')
            && scanner.TryTakeNumber(2, out int second))) return false;
        if (scanner.TryTake('.') && !scanner.TryTakeDigits()) return false;
        int offset = 0;
        if (!scanner.TryTakeEither('z', 'Z'))
        {
            bool isWest = scanner.TryTake('-');
            if (!isWest && !scanner.TryTake('+')) return false;
            if (!(scanner.TryTakeNumber(2, out int hours) && scanner.TryTake(':') && scanner.TryTakeNumber(2, out int minutes))) return false;
            if (hours > 23 || minutes > 59) return false;
            offset = (hours * 60 + minutes) * (isWest ? -1 : 1);
        }
        if (hour > 23 || minute > 59) return false;
        // A leap second is inserted at the end of a day in UTC.
        const int minutesOfDay = 24 * 60;
        int utc = (hour * 60 + minute - offset + 2 * minutesOfDay) % minutesOfDay;
        return second <= 59 || (second == 60 && utc == minutesOfDay - 1);
    }
}
