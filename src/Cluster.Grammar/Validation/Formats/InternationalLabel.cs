using System.Globalization;

namespace Cluster.Grammar.Validation.Formats;

/// <summary>
/// Labels of international host names: which code points (RFC 5892), beside which others (its appendix A), and the Bidi rule (RFC 5893).
/// </summary>
internal static class InternationalLabel
{
    /// <summary>Valid or not against the general rules: RFC 5892, section 2.6.</summary>
    private static readonly HashSet<int> AlwaysValid = [0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007];
    private static readonly HashSet<int> NeverValid =
        [0x640, 0x7FA, 0x302E, 0x302F, 0x3031, 0x3032, 0x3033, 0x3034, 0x3035, 0x303B, 0x115F, 0x1160, 0x3164, 0xFFA0, 0x34F, 0x17B4, 0x17B5];

    /// <summary>
    /// Letters that compatibility normalisation replaces, and conjoining Jamo: first and last of each block. Kept as blocks because the
    /// runtime has no normalisation data when globalisation is invariant.
    /// </summary>
    private static readonly (int First, int Last)[] Unstable =
    [
        (0xAA, 0xAA), (0xBA, 0xBA), (0x132, 0x133), (0x13F, 0x140), (0x149, 0x149), (0x17F, 0x17F), (0x1C4, 0x1CC), (0x1F1, 0x1F3),
        (0x2B0, 0x2B8), (0x2E0, 0x2E4), (0x37A, 0x37A), (0x3D0, 0x3D6), (0x3F0, 0x3F2), (0x3F5, 0x3F5), (0x587, 0x587), (0x675, 0x678),
        (0x958, 0x95F), (0xE33, 0xE33), (0xEB3, 0xEB3), (0xEDC, 0xEDD), (0xF0C, 0xF0C), (0xF77, 0xF77), (0xF79, 0xF79), (0x10FC, 0x10FC),
        (0x1100, 0x11FF), (0xA960, 0xA97F), (0xD7B0, 0xD7FF), (0x1D2C, 0x1D2E), (0x1D30, 0x1D3A), (0x1D3C, 0x1D4D), (0x1D4F, 0x1D6A),
        (0x1D78, 0x1D78), (0x1D9B, 0x1DBF), (0x1E9A, 0x1E9B), (0x1F71, 0x1F71), (0x1F73, 0x1F73), (0x1F75, 0x1F75), (0x1F77, 0x1F77),
        (0x1F79, 0x1F79), (0x1F7B, 0x1F7B), (0x1F7D, 0x1F7D), (0x2071, 0x2071), (0x207F, 0x207F), (0x2090, 0x209C), (0x2100, 0x214D),
        (0x2C7C, 0x2C7D), (0x2D6F, 0x2D6F), (0x2E9F, 0x2FD5), (0x309F, 0x309F), (0x30FF, 0x30FF), (0x3131, 0x318E), (0x3192, 0x319F),
        (0x3200, 0x33FF), (0xA69C, 0xA69D), (0xA770, 0xA770), (0xA7F8, 0xA7F9), (0xAB5C, 0xAB5F), (0xF900, 0xFA0D), (0xFA10, 0xFA10),
        (0xFA12, 0xFA12), (0xFA15, 0xFA1E), (0xFA20, 0xFA20), (0xFA22, 0xFA22), (0xFA25, 0xFA26), (0xFA2A, 0xFAFF), (0xFB00, 0xFB1D),
        (0xFB1F, 0xFDFF), (0xFE00, 0xFE0F), (0xFE70, 0xFEFF), (0xFF00, 0xFFEF), (0x1D400, 0x1D7FF), (0x1EE00, 0x1EEFF), (0x2F800, 0x2FA1F),
        (0xE0000, 0xE0FFF),
    ];

    /// <summary>Letters of Arabic that join only to the right, and those that join to none.</summary>
    private static readonly (int First, int Last)[] ArabicRightJoining =
    [
        (0x622, 0x625), (0x627, 0x627), (0x629, 0x629), (0x62F, 0x632), (0x648, 0x648), (0x671, 0x673), (0x675, 0x677), (0x688, 0x699),
        (0x6C0, 0x6C0), (0x6C3, 0x6CB), (0x6CD, 0x6CD), (0x6CF, 0x6CF), (0x6D2, 0x6D3), (0x6D5, 0x6D5), (0x6EE, 0x6EF),
    ];

    public static bool IsValid(string label)
    {
        int[] points = [.. label.EnumerateRunes().Select(rune => rune.Value)];
        if (points.Length == 0 || points[0] == '-' || points[^1] == '-') return false;
        if (points.Length > 3 && points[2] == '-' && points[3] == '-') return false;
        if (CategoryOf(points[0]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark) return false;
        for (int i = 0; i < points.Length; i++)
        {
            if (!IsValidAt(points, i)) return false;
        }
        return true;
    }

    /// <summary>If any label has right-to-left letters, every label follows the rule.</summary>
    public static bool FollowBidiRule(IReadOnlyList<string> labels)
    {
        var classes = labels.Select(label => label.EnumerateRunes().Select(rune => BidiClass(rune.Value)).ToArray()).ToArray();
        if (!classes.Any(label => label.Any(it => it is "R" or "AL" or "AN"))) return true;
        return Array.TrueForAll(classes, label =>
        {
            var ends = label.Reverse().SkipWhile(it => it == "NSM");
            string last = ends.FirstOrDefault("");
            if (label[0] is "R" or "AL")
            {
                return label.All(it => it is "R" or "AL" or "AN" or "EN" or "ES" or "ON" or "NSM") && last is "R" or "AL" or "EN" or "AN"
                    && !(label.Contains("EN") && label.Contains("AN"));
            }
            return label[0] == "L" && label.All(it => it is "L" or "EN" or "ES" or "ON" or "NSM") && last is "L" or "EN";
        });
    }

    private static bool IsValidAt(int[] points, int at)
    {
        int point = points[at];
        int before = at > 0 ? points[at - 1] : -1, after = at + 1 < points.Length ? points[at + 1] : -1;
        switch (point)
        {
            case 0xB7: return before == 'l' && after == 'l';
            case 0x375: return IsGreek(after);
            case 0x5F3 or 0x5F4: return before is >= 0x591 and <= 0x5F4;
            case 0x30FB: return points.Any(it => it is (>= 0x3041 and <= 0x309F) or (>= 0x30A1 and <= 0x30FA) or (>= 0x30FC and <= 0x30FF) || IsHan(it));
            case 0x200D: return IsVirama(before);
            case 0x200C: return IsVirama(before) || JoinsAcross(points, at);
            case >= 0x660 and <= 0x669: return !points.Any(it => it is >= 0x6F0 and <= 0x6F9);
            case >= 0x6F0 and <= 0x6F9: return !points.Any(it => it is >= 0x660 and <= 0x669);
        }
        if (AlwaysValid.Contains(point)) return true;
        if (NeverValid.Contains(point) || IsIn(Unstable, point)) return false;
        if (point < 128) return char.IsAsciiLetterOrDigit((char)point) || point == '-';
        return CategoryOf(point) is UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
    }

    /// <summary>A zero-width non-joiner between letters that would join: appendix A.1.</summary>
    private static bool JoinsAcross(int[] points, int at)
    {
        int left = at - 1, right = at + 1;
        while (left >= 0 && CategoryOf(points[left]) == UnicodeCategory.NonSpacingMark) left--;
        while (right < points.Length && CategoryOf(points[right]) == UnicodeCategory.NonSpacingMark) right++;
        return left >= 0 && right < points.Length && IsArabicLetter(points[left]) && !IsIn(ArabicRightJoining, points[left]) && IsArabicLetter(points[right]);
    }

    private static bool IsArabicLetter(int point)
        => point is >= 0x620 and <= 0x6FF and not (0x621 or 0x674) && CategoryOf(point) == UnicodeCategory.OtherLetter;

    private static bool IsGreek(int point) => point is (>= 0x370 and <= 0x3E1) or (>= 0x3F0 and <= 0x3FF) or (>= 0x1F00 and <= 0x1FFE);

    private static bool IsHan(int point)
        => point is 0x3005 or 0x3007 or (>= 0x3021 and <= 0x3029) or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0x20000 and <= 0x323AF);

    private static bool IsVirama(int point)
        => point is 0x94D or 0x9CD or 0xA4D or 0xACD or 0xB4D or 0xBCD or 0xC4D or 0xCCD or 0xD3B or 0xD3C or 0xD4D or 0xDCA or 0xE3A or 0xEBA or 0xF84
            or 0x1039 or 0x103A or 0x1714 or 0x1715 or 0x1734 or 0x17D2 or 0x1A60 or 0x1B44 or 0x1BAA or 0x1BAB or 0x1BF2 or 0x1BF3 or 0x2D7F
            or 0xA806 or 0xA82C or 0xA8C4 or 0xA953 or 0xA9C0 or 0xAAF6 or 0xABED;

    private static string BidiClass(int point)
    {
        if (CategoryOf(point) == UnicodeCategory.NonSpacingMark) return "NSM";
        return point switch
        {
            (>= '0' and <= '9') or (>= 0x6F0 and <= 0x6F9) => "EN",
            '-' => "ES",
            (>= 0x660 and <= 0x669) or 0x66B or 0x66C or 0x6DD => "AN",
            0x200C or 0x200D or 0xB7 or 0x30FB or 0x375 => "ON",
            (>= 0x600 and <= 0x7BF) or (>= 0x860 and <= 0x8FF) or (>= 0xFB50 and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFF) => "AL",
            (>= 0x590 and <= 0x5FF) or (>= 0x7C0 and <= 0x85F) or (>= 0xFB1D and <= 0xFB4F) or (>= 0x10800 and <= 0x10FFF) or (>= 0x1E800 and <= 0x1EFFF) => "R",
            _ => "L",
        };
    }

    private static bool IsIn((int First, int Last)[] ranges, int point) => Array.Exists(ranges, range => point >= range.First && point <= range.Last);

    private static UnicodeCategory CategoryOf(int point) => CharUnicodeInfo.GetUnicodeCategory(point);
}
